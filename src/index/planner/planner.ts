import type { SearchLevel } from '../row-index.ts'
import { Corrections, type PlanKind } from './corrections.ts'
import { cascadeWork, gatherWork, graphWork, treeWork } from './expected-work.ts'
import { type LevelCounts, LevelShares, levelCounts, NO_LEVELS } from './level-shares.ts'
import { type FilterBand, filterBand, type SearchFacts } from './search-facts.ts'
import { type Coefficients, nanosecondsOf, type WorkCounts } from './work-counts.ts'

export type Accuracy = 'auto' | 'exact' | 'approximate'

/** What a search is to be: how accurate, and how long `auto` may take to be exact. */
export interface Wish {
  readonly accuracy: Accuracy
  readonly budgetMicros: number
  /** Predicted microseconds of the exact searches that are before it. */
  readonly aheadMicros: number
  /** Null where no graph can be asked. */
  readonly graph: GraphOffer | null
}

/** A graph that is ready. */
export interface GraphOffer {
  /** Size of its candidate list that reaches the recall target for this search. */
  readonly ef: number
  /** Candidates to take, so that `k` of them are expected to be allowed. */
  readonly fetch: number
}

/** How a search is to be answered. */
export interface Choice {
  readonly plan: PlanKind
  readonly band: FilterBand
  readonly predictedMicros: number
  /** Of the plan `graph`. */
  readonly graph: GraphOffer | null
}

/**
 * Chooses the plan of each search of one collection by its predicted cost, and learns from what the searches took.
 * The coefficients are those of the machine; `coefficients` gives them as they are known now.
 */
export class Planner {
  readonly #coefficients: () => Coefficients
  readonly #levels = new LevelShares()
  readonly #corrections = new Corrections()

  constructor(coefficients: () => Coefficients) {
    this.#coefficients = coefficients
  }

  choose(facts: SearchFacts, wish: Wish): Choice {
    // Over-fetching for a filter pays only where many records pass it; without one nothing is left to choose.
    const unfiltered = wish.accuracy === 'approximate' && filterBand(facts) === 'all'
    if (unfiltered && wish.graph !== null) return this.graphPlan(facts, wish.graph)
    const [exact] = this.exactPlans(facts)
    if (wish.accuracy === 'exact' || wish.graph === null) return exact
    const withinBudget = exact.predictedMicros + wish.aheadMicros <= wish.budgetMicros
    if (wish.accuracy === 'auto' && withinBudget) return exact
    const graph = this.graphPlan(facts, wish.graph)
    return graph.predictedMicros < exact.predictedMicros ? graph : exact
  }

  /** All that give the exact answer of a scan, the cheapest first. */
  exactPlans(facts: SearchFacts): readonly [Choice, ...Choice[]] {
    const gather = this.#choice('gather', facts)
    if (facts.codes === 'none') return [gather]
    const cascade = this.#choice('cascade', facts)
    return gather.predictedMicros <= cascade.predictedMicros ? [gather, cascade] : [cascade, gather]
  }

  treePlan(facts: SearchFacts): Choice {
    return this.#choice('tree', facts)
  }

  graphPlan(facts: SearchFacts, graph: GraphOffer): Choice {
    return this.#choice('graph', facts, graph)
  }

  /** Learns how many rows came to each level; and of a search that nothing held up, its time. */
  ran(
    choice: Choice,
    facts: SearchFacts,
    levels: readonly SearchLevel[],
    micros: number | null,
  ): void {
    const { plan, band, graph } = choice
    const counts = levelCounts(levels)
    if (plan !== 'graph') this.#levels.saw(plan, facts, counts)
    if (micros === null || !(micros > 0)) return
    // By the rows there were, so that what the levels were expected to be does not enter.
    this.#corrections.learn(plan, band, micros, this.#uncorrected(plan, facts, counts, graph))
  }

  #choice(plan: PlanKind, facts: SearchFacts, graph: GraphOffer | null = null): Choice {
    const band = filterBand(facts)
    const levels = plan === 'graph' ? NO_LEVELS : this.#levels.expected(plan, facts)
    const predictedMicros =
      this.#uncorrected(plan, facts, levels, graph) * this.#corrections.factor(plan, band)
    return { plan, band, predictedMicros, graph }
  }

  #uncorrected(
    plan: PlanKind,
    facts: SearchFacts,
    levels: LevelCounts,
    graph: GraphOffer | null,
  ): number {
    return nanosecondsOf(workOf(plan, facts, levels, graph), this.#coefficients()) / 1000
  }
}

function workOf(
  plan: PlanKind,
  facts: SearchFacts,
  levels: LevelCounts,
  graph: GraphOffer | null,
): WorkCounts {
  switch (plan) {
    case 'gather':
      return gatherWork(facts, levels)
    case 'cascade':
      return cascadeWork(facts, levels)
    case 'tree':
      return treeWork(facts, levels)
    case 'graph':
      return graphWork(facts, graph?.ef ?? 0)
  }
}
