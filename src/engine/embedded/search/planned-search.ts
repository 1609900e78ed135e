import type { Choice, GraphOffer } from '../../../index/planner/planner.ts'
import { filterBand, type SearchFacts } from '../../../index/planner/search-facts.ts'
import type { ExactWay, RowAnswer, RowQuery } from '../../../index/row-index.ts'
import { StoredRows } from '../../../kernels/stored-rows.ts'
import { firstBits } from '../../../vector/bitset.ts'
import type { EngineQuery } from '../../query.ts'
import type { GenerationParts } from '../generation-parts.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { type GraphAnswer, searchGraph } from './graph-search.ts'
import type { Slice } from './hits.ts'
import { RecallMeasure } from './recall-measure.ts'
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
  /** Why a scan answered where the graph would have been quicker: its recall is too low, or not known. */
  readonly graphRecall?: 'missed' | 'unknown'
  /** Whether it is answered in both ways, so that the recall of the graph is measured. */
  readonly measured?: boolean
}

interface PlannedGraphAnswer extends PlannedAnswer {
  readonly answer: GraphAnswer
}

/** Answers searches as the planner chooses: by the tree that the query names, the graph, or a scan in one of its ways. */
export class PlannedSearch {
  readonly #parts: GenerationParts
  readonly #rows: GenerationRows
  readonly #recall: RecallMeasure

  constructor(parts: GenerationParts, rows: GenerationRows) {
    this.#parts = parts
    this.#rows = rows
    this.#recall = new RecallMeasure(parts, rows)
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
    if (query.accuracy === 'auto') return this.#auto(search, choice, choice.graph, signal)
    const byGraph = this.#searchGraph(search, choice, choice.graph, signal)
    return this.#graphOrScan(search, byGraph, signal)
  }

  /** Answers by the graph where its recall is known to reach the target, and else exactly; now and then in both ways. */
  async #auto(
    search: PreparedSearch,
    choice: Choice,
    offer: GraphOffer,
    signal?: AbortSignal,
  ): Promise<PlannedAnswer> {
    const { facts, rowQuery, slice } = search
    const { band } = choice
    const recall = this.#recall.standing(facts)
    const measured = this.#recall.isDue(band, recall)
    const exact = this.#parts.planning.choose(facts, 'exact', null)
    // Both in this turn, so that they see the same records. The caller waits for one, and can end that alone.
    if (recall === 'kept') {
      const byGraph = this.#searchGraph(search, choice, offer, signal)
      if (measured) {
        const exactly = this.#scan(search, exact, rowQuery.allowed)
        this.#recall.beside({ band, k: slice.k, byGraph, exactly })
      }
      return { ...(await this.#graphOrScan(search, byGraph, signal)), measured }
    }
    const exactly = this.#scan(search, exact, rowQuery.allowed, signal)
    if (measured) {
      const byGraph = this.#searchGraph(search, choice, offer)
      this.#recall.beside({ band, k: slice.k, byGraph, exactly })
    }
    return { ...(await exactly), graphRecall: recall, measured }
  }

  /** Answers exactly where the graph has found fewer than k although more are there. */
  async #graphOrScan(
    search: PreparedSearch,
    byGraph: Promise<PlannedGraphAnswer>,
    signal?: AbortSignal,
  ): Promise<PlannedAnswer> {
    const found = await byGraph
    if (!found.answer.short) return found
    const { facts, rowQuery } = search
    // The rows of when the search began, although the graph was searched meanwhile.
    const allowed = rowQuery.allowed ?? firstBits(facts.rows)
    const exact = this.#parts.planning.choose(facts, 'exact', null)
    const scanned = await this.#scan(search, exact, allowed, signal)
    const cost = {
      predictedMs: found.cost.predictedMs + scanned.cost.predictedMs,
      measuredMs: found.cost.measuredMs + scanned.cost.measuredMs,
    }
    return { ...scanned, cost, afterGraph: true }
  }

  /**
   * Answers a search once more, exactly and by the graph, whatever that costs, and learns from both.
   * @param turn takes the exact plans in turn, so that each is timed now and then.
   */
  async measure(search: PreparedSearch, turn: number, signal?: AbortSignal): Promise<void> {
    const offer = this.#graphOffer(search)
    if (offer === null) return
    const { planner } = this.#parts.planning
    const plans = planner.exactPlans(search.facts)
    const { changes } = this.#rows
    const plan = plans[turn % plans.length]!
    const exact = await this.#scan(search, plan, search.rowQuery.allowed, signal)
    // Both must see the same records.
    if (changes !== this.#rows.changes) return
    const choice = planner.predict('graph', search.facts, offer)
    const byGraph = this.#searchGraph(search, choice, offer, signal)
    const { k } = search.slice
    await this.#recall.learn({ band: choice.band, k, byGraph, exactly: Promise.resolve(exact) })
  }

  /** Tells how the nearest of all are found now, when that is left to the planner. */
  activePlan(facts: SearchFacts): 'scan' | 'graph' {
    const { planning, recall } = this.#parts
    if (this.#recall.standing(facts) !== 'kept') return 'scan'
    const typical = { k: facts.k, after: null, paged: false, without: [] }
    const offer = recall.offer(typical, 'all', facts)
    return planning.choose(facts, 'auto', offer).plan === 'graph' ? 'graph' : 'scan'
  }

  #graphOffer({ query, slice, facts, current }: PreparedSearch): GraphOffer | null {
    const { graph, recall } = this.#parts
    if (graph?.state.kind !== 'ready' || !current) return null
    return recall.offer({ ...query, ...slice }, filterBand(facts), facts)
  }

  #searchGraph(
    { rowQuery, facts }: PreparedSearch,
    choice: Choice,
    offer: GraphOffer,
    signal?: AbortSignal,
  ): Promise<PlannedGraphAnswer> {
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
