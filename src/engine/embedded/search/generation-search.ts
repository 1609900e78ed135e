import { AppError } from '../../../errors.ts'
import type { GraphState } from '../../../index/graph/approximate-index.ts'
import {
  type CountedRecords,
  type CountQuery,
  DEFAULT_K,
  type EngineQuery,
  type MeasuredRecall,
  type SearchPlan,
} from '../../query.ts'
import type { GenerationParts, RecordReads } from '../generation-parts.ts'
import { allowedKeys, allowedNow, allowedRows } from '../rows/allowed-rows.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { pinned } from '../rows/pinned.ts'
import { explain, NO_GRAPH } from './explain.ts'
import { type Hit, hitsOf, type Slice } from './hits.ts'
import { type PlannedAnswer, PlannedSearch, type PreparedSearch } from './planned-search.ts'

interface Found {
  readonly hits: readonly Hit[]
  readonly exact: boolean
  readonly explain: SearchPlan
}

/** Searches the rows of one generation. A search answers for the moment in which it began. */
export class GenerationSearch {
  readonly #parts: GenerationParts
  readonly #rows: GenerationRows
  readonly #records: Pick<RecordReads, 'matching'>
  readonly #planned: PlannedSearch
  /** The number of searches that were repeated to measure recall. */
  #measured = 0

  constructor(
    parts: GenerationParts,
    rows: GenerationRows,
    records: Pick<RecordReads, 'matching'>,
  ) {
    this.#parts = parts
    this.#rows = rows
    this.#records = records
    this.#planned = new PlannedSearch(parts, rows)
  }

  get graph(): GraphState {
    return this.#parts.graph?.state ?? { kind: 'none', reason: NO_GRAPH }
  }

  /** How the ten nearest of all are found now, when the accuracy is left to the engine. */
  get plan(): 'scan' | 'graph' {
    const { count } = this.#rows
    const query = { records: count, allowed: count, k: DEFAULT_K, bounded: false }
    return this.#planned.activePlan(this.#parts.planning.facts(this.#rows, query))
  }

  get recall(): readonly MeasuredRecall[] {
    return this.#parts.recall.measured(this.#parts.graph?.contents ?? null)
  }

  search(query: EngineQuery, slice: Slice, signal?: AbortSignal): Promise<Found> {
    const { recall, graph } = this.#parts
    return this.#prepared(query, slice, signal, async (search) => {
      signal?.throwIfAborted()
      const planned = await this.#planned.search(search, signal)
      const { choice, answer } = planned
      // Measured twice, a search would count for two.
      if (!planned.measured) recall.saw(query, slice)
      const isCascade = choice.plan === 'cascade'
      if (isCascade && isPlain(query, slice)) this.#rows.background.saw(answer.levels)
      return {
        hits: hitsOf(this.#rows.slots, answer, slice),
        exact: choice.graph === null,
        explain: { ...explain(query, slice, planned, graph !== null), ...this.#recallOf(planned) },
      }
    })
  }

  /** Counts the records within a radius. */
  countWithin(
    { vector, radius, ...which }: CountQuery,
    signal?: AbortSignal,
  ): Promise<CountedRecords> {
    return pinned(this.#rows, async () => {
      const { bits: allowed } = await allowedRows(this.#rows, this.#records, which, signal)
      return await this.#parts.index.within({ vector, radius, allowed }, signal)
    })
  }

  /**
   * Repeats one of the recent searches, exactly and approximately, and learns from both; false where there is none. It is
   * for times when nobody else searches. @throws what `search` throws.
   */
  async measureRecall(signal?: AbortSignal): Promise<boolean> {
    const sampled = this.#rows.released ? null : this.#parts.recall.take()
    if (sampled === null) return false
    // Also where `auto` does without the graph: it may have come within reach.
    const query = { ...sampled.query, exactIndex: 'scan', accuracy: 'approximate' } as const
    await this.#prepared(query, sampled.slice, signal, (search) => {
      return this.#planned.measure(search, this.#measured++, signal)
    })
    return true
  }

  /** @throws INVALID_REQUEST for what a collection without every vector in memory never has. */
  #checkPossible({ exactIndex, ef }: EngineQuery): void {
    const { trees, graph } = this.#parts
    if (exactIndex !== 'scan' && trees === null) {
      throw new AppError(
        'INVALID_REQUEST',
        `expected exactIndex "scan" in a collection of memory "codes", got "${exactIndex}", which has every vector in memory`,
      )
    }
    if (ef !== undefined && graph === null) {
      throw new AppError(
        'INVALID_REQUEST',
        `expected no ef in a collection of memory "codes", which keeps no graph, got ${ef}`,
      )
    }
  }

  /** Tells what is known of the recall, where a graph answered. */
  #recallOf({ choice: { graph: offer, band } }: PlannedAnswer): Pick<SearchPlan, 'recall'> {
    const contents = this.#parts.graph?.contents ?? null
    if (offer === null || contents === null) return {}
    return { recall: this.#parts.recall.measuredOf(band, contents) }
  }

  /** Runs `answer` on the search as it is once its filter is known, while the rows it sees are pinned. */
  #prepared<T>(
    query: EngineQuery,
    slice: Slice,
    signal: AbortSignal | undefined,
    answer: (search: PreparedSearch) => Promise<T>,
  ): Promise<T> {
    const { planning } = this.#parts
    const { vector, radius, filter, without } = query
    const rows = this.#rows
    return pinned(rows, async () => {
      const { ended } = rows
      this.#checkPossible(query)
      const all = allowedNow(rows, without)
      // Without a filter all of this is one turn, as the graph needs.
      const allowed =
        filter === null
          ? all
          : await allowedKeys(rows, await this.#records.matching(filter, signal), without, signal)
      const counts = { records: all.count, allowed: allowed.count, k: slice.k }
      const facts = planning.facts(rows, { ...counts, bounded: radius !== null })
      const rowQuery = {
        vector,
        k: slice.k,
        radius: radius ?? Number.POSITIVE_INFINITY,
        from: slice.after?.distance ?? -1,
        allowed: allowed.bits,
        // The name is one of this moment's rows: those of another moment have other bounds.
        ...(slice.resume !== undefined && { resumableAs: `${rows.changes}/${slice.resume}` }),
      }
      return await answer({ query, slice, rowQuery, facts, current: ended === rows.ended })
    })
  }
}

/** Tells whether a search is for the few nearest of all records: what the levels let through then can be compared. */
function isPlain({ radius, filter }: EngineQuery, { k, after }: Slice): boolean {
  return k <= 100 && radius === null && after === null && filter === null
}
