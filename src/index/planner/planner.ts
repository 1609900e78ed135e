import type { SearchLevel } from '../row-index.ts'
import { Corrections, type PlanKind } from './corrections.ts'
import { type Coefficients, nanosecondsOf } from './cost-model.ts'
import { cascadeWork, gatherWork, graphWork, treeWork } from './expected-work.ts'
import { type LevelCounts, LevelShares, levelCounts, NO_LEVELS } from './level-shares.ts'
import { type FilterBand, filterBand, type SearchFacts } from './search-facts.ts'

export type Accuracy = 'auto' | 'exact' | 'approximate'

/** How accurate a search is to be, and how long `auto` may take to be exact. */
export interface PlanRequest {
  readonly accuracy: Accuracy
  readonly budgetMicros: number
  /** Predicted microseconds of the exact searches that are before it. */
  readonly aheadMicros: number
  /** Null where no graph can answer. */
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
export interface Choice extends Plan {
  readonly band: FilterBand
  readonly predictedMicros: number
}

interface Plan {
  readonly plan: PlanKind
  /** The offer that the plan `graph` uses; null with any other plan. */
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

  choose(facts: SearchFacts, request: PlanRequest): Choice {
    // Over-fetching for a filter pays only where many records pass it; without one nothing is left to choose.
    const unfiltered = request.accuracy === 'approximate' && filterBand(facts) === 'all'
    if (unfiltered && request.graph !== null) return this.predict('graph', facts, request.graph)
    const [exact] = this.exactPlans(facts)
    if (request.accuracy === 'exact' || request.graph === null) return exact
    const withinBudget = exact.predictedMicros + request.aheadMicros <= request.budgetMicros
    if (request.accuracy === 'auto' && withinBudget) return exact
    const graph = this.predict('graph', facts, request.graph)
    return graph.predictedMicros < exact.predictedMicros ? graph : exact
  }

  /** Predicts all plans that give the exact answer of a scan, the cheapest first. */
  exactPlans(facts: SearchFacts): readonly [Choice, ...Choice[]] {
    const gather = this.predict('gather', facts)
    if (facts.codes === 'none') return [gather]
    const cascade = this.predict('cascade', facts)
    return gather.predictedMicros <= cascade.predictedMicros ? [gather, cascade] : [cascade, gather]
  }

  /** Predicts one plan. @param graph the offer that the plan `graph` uses. */
  predict(plan: PlanKind, facts: SearchFacts, graph: GraphOffer | null = null): Choice {
    const band = filterBand(facts)
    const levels = plan === 'graph' ? NO_LEVELS : this.#levels.expected(plan, facts)
    const uncorrected = this.#uncorrected({ plan, graph }, facts, levels)
    const predictedMicros = uncorrected * this.#corrections.factor(plan, band)
    return { plan, band, predictedMicros, graph }
  }

  /** Learns how many rows came to each level; and of a search that nothing held up, its time. */
  ran(
    choice: Choice,
    facts: SearchFacts,
    levels: readonly SearchLevel[],
    micros: number | null,
  ): void {
    const { plan, band } = choice
    const counts = levelCounts(levels)
    if (plan !== 'graph') this.#levels.saw(plan, facts, counts)
    if (micros === null || !(micros > 0)) return
    // By the rows there were, so that what the levels were expected to be does not enter.
    this.#corrections.learn(plan, band, micros, this.#uncorrected(choice, facts, counts))
  }

  /** Microseconds by the cost model alone. */
  #uncorrected({ plan, graph }: Plan, facts: SearchFacts, levels: LevelCounts): number {
    const work = {
      gather: () => gatherWork(facts, levels),
      cascade: () => cascadeWork(facts, levels),
      tree: () => treeWork(facts, levels),
      graph: () => graphWork(facts, graph?.ef ?? 0),
    }
    return nanosecondsOf(work[plan](), this.#coefficients()) / 1000
  }
}
