import type { Choice, GraphOffer } from '../../../index/planner/planner.ts'
import { filterBand, type SearchFacts } from '../../../index/planner/search-facts.ts'
import type { ExactWay, RowAnswer, RowQuery } from '../../../index/row-index.ts'
import { StoredRows } from '../../../kernels/stored-rows.ts'
import { firstBits } from '../../../vector/bitset.ts'
import type { EngineQuery } from '../../query.ts'
import type { GenerationParts } from '../generation-parts.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { searchGraph } from './graph-search.ts'
import type { Slice } from './hits.ts'
import type { SearchCost } from './search-planning.ts'

/** A search in the turn in which it is answered, with the facts that are known of the rows. */
export interface PreparedSearch {
  readonly query: EngineQuery
  readonly slice: Slice
  readonly rowQuery: RowQuery
  readonly facts: SearchFacts
  /** Whether nothing has ended since the search began: trees and the graph have forgotten what has. */
  readonly current: boolean
}

export interface PlannedAnswer {
  readonly choice: Choice
  readonly answer: RowAnswer
  readonly cost: SearchCost
  /** Whether the graph was searched first, and found fewer than k although more are there. */
  readonly afterGraph?: boolean
}

/** Answers searches as the planner chooses: by the tree that the query names, the graph, or a scan in one of its ways. */
export class PlannedSearch {
  readonly #parts: GenerationParts
  readonly #rows: GenerationRows

  constructor(parts: GenerationParts, rows: GenerationRows) {
    this.#parts = parts
    this.#rows = rows
  }

  async search(search: PreparedSearch, signal?: AbortSignal): Promise<PlannedAnswer> {
    const { query, rowQuery, facts, current } = search
    const { trees, planning } = this.#parts
    if (query.exactIndex !== 'scan' && trees !== null && current) {
      const inTree = trees.search(query.exactIndex, rowQuery, this.#rows, signal)
      if (inTree !== null) {
        return await planning.timed(planning.planner.predict('tree', facts), facts, () => inTree)
      }
    }
    const choice = planning.choose(facts, query.accuracy, this.#graphOffer(search))
    if (choice.graph === null) return this.#scan(search, choice, rowQuery.allowed, signal)
    const found = await this.#searchGraph(search, choice, choice.graph, signal)
    if (!found.answer.short) return found
    // The rows of when the search began, although the graph was searched meanwhile.
    const allowed = rowQuery.allowed ?? firstBits(facts.rows)
    const exact = planning.choose(facts, 'exact', null)
    const scanned = await this.#scan(search, exact, allowed, signal)
    const cost = {
      predictedMs: found.cost.predictedMs + scanned.cost.predictedMs,
      measuredMs: found.cost.measuredMs + scanned.cost.measuredMs,
    }
    return { ...scanned, cost, afterGraph: true }
  }

  /** Searches the graph, whatever it costs; null where it cannot answer. */
  async searchGraph(search: PreparedSearch, signal?: AbortSignal): Promise<PlannedAnswer | null> {
    const offer = this.#graphOffer(search)
    if (offer === null) return null
    const choice = this.#parts.planning.planner.predict('graph', search.facts, offer)
    return this.#searchGraph(search, choice, offer, signal)
  }

  /** Takes the exact plans in turn, so that each is timed now and then. */
  scan(search: PreparedSearch, turn: number, signal?: AbortSignal): Promise<PlannedAnswer> {
    const plans = this.#parts.planning.planner.exactPlans(search.facts)
    return this.#scan(search, plans[turn % plans.length]!, search.rowQuery.allowed, signal)
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

  #searchGraph(
    { rowQuery, facts }: PreparedSearch,
    choice: Choice,
    offer: GraphOffer,
    signal?: AbortSignal,
  ) {
    const { graph, index, planning } = this.#parts
    if (graph === null) throw new Error('expected a graph, as one was chosen')
    const parts = { graph, index, slots: this.#rows.slots }
    return planning.timed(choice, facts, () => {
      return searchGraph(parts, rowQuery, facts.allowed, offer, signal)
    })
  }

  #scan(
    { rowQuery, facts }: PreparedSearch,
    choice: Choice,
    allowed: Uint32Array | null,
    signal?: AbortSignal,
  ): Promise<PlannedAnswer> {
    const { vectors, index, planning } = this.#parts
    const way: ExactWay =
      choice.plan === 'gather' ? { kind: 'gather', rows: facts.allowed } : { kind: 'cascade' }
    // What the planner knows of gathering rows does not hold for rows of a file.
    const chosen = vectors instanceof StoredRows ? {} : { way }
    return planning.timed(choice, facts, () => {
      return index.search({ ...rowQuery, ...chosen, allowed }, signal)
    })
  }
}
