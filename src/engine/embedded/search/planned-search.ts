import type { ApproximateIndex } from '../../../index/graph/approximate-index.ts'
import type { Choice, GraphOffer } from '../../../index/planner/planner.ts'
import { filterBand, type SearchFacts } from '../../../index/planner/search-facts.ts'
import type { RowAnswer, RowIndex, RowQuery } from '../../../index/row-index.ts'
import { StoredRows } from '../../../kernels/stored-rows.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import { firstBits } from '../../../vector/bitset.ts'
import type { EngineQuery } from '../../query.ts'
import type { RowSlots } from '../rows/row-slots.ts'
import type { RowsNow, ThreadedTrees } from '../trees/threaded-trees.ts'
import { searchGraph } from './graph-search.ts'
import type { Slice } from './hits.ts'
import type { LiveRecall } from './live-recall.ts'
import type { SearchCost, SearchPlanning } from './search-planning.ts'

/** What can search the rows of one generation, and what chooses between them. */
export interface Searchers {
  readonly vectors: VectorRows | StoredRows
  readonly index: RowIndex
  /** Both null where rows are in a file: a tree or graph has all of them in memory. */
  readonly trees: ThreadedTrees | null
  readonly graph: ApproximateIndex | null
  readonly planning: SearchPlanning
  readonly recall: LiveRecall
}

/** A search in the turn in which it is answered: what is asked, and what is known of the rows. */
export interface PreparedSearch {
  readonly query: EngineQuery
  readonly slice: Slice
  readonly rowQuery: RowQuery
  readonly facts: SearchFacts
  readonly rowsNow: RowsNow
  /** Whether nothing has ended since the search began: trees and the graph have forgotten what has. */
  readonly current: boolean
}

export interface PlannedAnswer {
  readonly choice: Choice
  readonly answer: RowAnswer
  readonly cost: SearchCost
  /** Whether the graph was asked first, and found fewer than k although more are there. */
  readonly afterGraph: boolean
}

/** Answers searches as the planner chooses: by a tree that was asked for, the graph, or a scan in one of its ways. */
export class PlannedSearch {
  readonly #parts: Searchers
  readonly #slots: RowSlots

  constructor(parts: Searchers, slots: RowSlots) {
    this.#parts = parts
    this.#slots = slots
  }

  async search(search: PreparedSearch, signal?: AbortSignal): Promise<PlannedAnswer> {
    const { query, rowQuery, facts, rowsNow, current } = search
    const { trees, planning } = this.#parts
    if (query.exactIndex !== 'scan' && trees !== null && current) {
      const inTree = trees.search(query.exactIndex, rowQuery, rowsNow)
      if (inTree !== null) {
        const choice = planning.planner.predict('tree', facts)
        return { choice, ...(await planning.timed(choice, facts, () => inTree)), afterGraph: false }
      }
    }
    const choice = planning.choose(facts, query.accuracy, this.#graphOffer(search))
    if (choice.graph === null) return this.#scan(search, choice, rowQuery.allowed, signal)
    const found = await this.#searchGraph(search, choice, choice.graph, signal)
    if (!found.short) return found
    // The rows of when the search began, although the graph was asked meanwhile.
    const allowed = rowQuery.allowed ?? firstBits(facts.rows)
    const exact = planning.choose(facts, 'exact', null)
    const scanned = await this.#scan(search, exact, allowed, signal)
    const cost = {
      predictedMs: found.cost.predictedMs + scanned.cost.predictedMs,
      measuredMs: found.cost.measuredMs + scanned.cost.measuredMs,
    }
    return { ...scanned, cost, afterGraph: true }
  }

  /** Asks the graph, whatever it costs; null where it cannot answer. */
  async searchGraph(search: PreparedSearch): Promise<PlannedAnswer | null> {
    const offer = this.#graphOffer(search)
    if (offer === null) return null
    const choice = this.#parts.planning.planner.predict('graph', search.facts, offer)
    return this.#searchGraph(search, choice, offer)
  }

  /** Takes the exact plans in turn, so that each is timed now and then. */
  scan(search: PreparedSearch, turn: number): Promise<PlannedAnswer> {
    const plans = this.#parts.planning.planner.exactPlans(search.facts)
    return this.#scan(search, plans[turn % plans.length]!, search.rowQuery.allowed)
  }

  /** How the nearest of all are found now, when that is left to the planner. */
  activePlan(facts: SearchFacts): 'scan' | 'graph' {
    const { graph, planning, recall } = this.#parts
    const ready = graph?.state.kind === 'ready' && recall.reaches('all')
    const typical = { k: facts.k, after: null, paged: false, without: [] }
    const offer = ready ? recall.offer(typical, 'all', facts) : null
    return planning.choose(facts, 'auto', offer).plan === 'graph' ? 'graph' : 'scan'
  }

  #graphOffer({ query, slice, facts, current }: PreparedSearch): GraphOffer | null {
    const { graph, recall } = this.#parts
    if (graph?.state.kind !== 'ready' || !current) return null
    const band = filterBand(facts)
    if (query.accuracy === 'auto' && !recall.reaches(band)) return null
    return recall.offer({ ...query, ...slice }, band, facts)
  }

  async #searchGraph(
    { rowQuery, facts }: PreparedSearch,
    choice: Choice,
    offer: GraphOffer,
    signal?: AbortSignal,
  ): Promise<PlannedAnswer & { readonly short: boolean }> {
    const { graph, index, planning } = this.#parts
    if (graph === null) throw new Error('expected a graph, as one was chosen')
    const parts = { graph, index, slots: this.#slots }
    const { answer, cost } = await planning.timed(choice, facts, () => {
      return searchGraph(parts, rowQuery, facts.allowed, offer, signal)
    })
    return { choice, answer, cost, afterGraph: false, short: answer.short }
  }

  async #scan(
    { rowQuery, facts }: PreparedSearch,
    choice: Choice,
    allowed: Uint32Array | null,
    signal?: AbortSignal,
  ): Promise<PlannedAnswer> {
    const { vectors, index, planning } = this.#parts
    const gathers = choice.plan === 'gather'
    const way = gathers
      ? ({ kind: 'gather', rows: facts.allowed } as const)
      : ({ kind: 'cascade' } as const)
    // What the planner knows of gathering rows does not hold for rows of a file.
    const chosen = vectors instanceof StoredRows ? {} : { way }
    const { answer, cost } = await planning.timed(choice, facts, () => {
      return index.search({ ...rowQuery, ...chosen, allowed }, signal)
    })
    return { choice, answer, cost, afterGraph: false }
  }
}
