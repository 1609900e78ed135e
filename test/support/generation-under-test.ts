import type { Position } from '../../src/engine/cursor.ts'
import type { GenerationParts } from '../../src/engine/embedded/generation-parts.ts'
import { GenerationRows } from '../../src/engine/embedded/rows/generation-rows.ts'
import { GenerationSearch } from '../../src/engine/embedded/search/generation-search.ts'
import type { Hit } from '../../src/engine/embedded/search/hits.ts'
import type { Filter } from '../../src/engine/filter.ts'
import { type ExactIndex, NEAREST_IDS } from '../../src/engine/query.ts'
import type { Accuracy } from '../../src/index/planner/planner.ts'

/** A search of rows, whose filter is the list of versions that a test says. */
export interface RowsQuery {
  readonly vector: Float32Array
  readonly k: number
  /** Infinity for none. */
  readonly radius: number
  readonly after: Position | null
  /** The versions that meet the filter; null for no filter. Called once the search has begun. */
  readonly keys: (() => Promise<Float64Array>) | null
  readonly without: readonly string[]
  readonly exactIndex: ExactIndex
  readonly accuracy: Accuracy
  readonly ef?: number
  readonly paged: boolean
  /** Names a search that may be resumed. */
  readonly resume?: string
}

export interface RowsAnswer {
  readonly hits: readonly Hit[]
  readonly exact: boolean
  readonly plan: string
  readonly ef: number | null
  readonly levels: readonly { readonly name: string; readonly candidates: number }[]
  readonly distances: number
  readonly cost: { readonly predictedMs: number; readonly measuredMs: number }
}

/** The rows and the search of one generation, without a store: tests say what filters let through. */
export class GenerationUnderTest extends GenerationRows {
  readonly parts: GenerationParts
  readonly searcher: GenerationSearch
  readonly #keysOf = new Map<Filter, () => Promise<Float64Array>>()

  constructor(parts: GenerationParts) {
    super(parts)
    this.parts = parts
    const records = { matching: (filter: Filter) => this.#keysOf.get(filter)!() }
    this.searcher = new GenerationSearch(parts, this, records)
  }

  get graph() {
    return this.searcher.graph
  }

  get plan() {
    return this.searcher.plan
  }

  get recall() {
    return this.searcher.recall
  }

  /** Resolves when the codes have caught up with the rows. */
  coded(): Promise<void> {
    return this.background.settled()
  }

  measureRecall(): Promise<boolean> {
    return this.searcher.measureRecall()
  }

  async search(query: RowsQuery, signal?: AbortSignal): Promise<RowsAnswer> {
    const { vector, k, radius, after, keys, without, exactIndex, accuracy, ef } = query
    const { paged, resume } = query
    const filter: Filter | null = keys && { kind: 'exists', path: ['any'], wanted: true }
    if (filter !== null) this.#keysOf.set(filter, keys!)
    const engineQuery = {
      ...NEAREST_IDS,
      vector,
      k,
      limit: k,
      radius: radius === Number.POSITIVE_INFINITY ? null : radius,
      filter,
      without,
      exactIndex,
      accuracy,
      ...(ef !== undefined && { ef }),
    }
    const slice = { k, after, paged, ...(resume !== undefined && { resume }) }
    const { hits, exact, explain } = await this.searcher.search(engineQuery, slice, signal)
    const { plan, levels, distances, predictedMs, measuredMs } = explain
    const cost = { predictedMs: predictedMs!, measuredMs }
    return { hits, exact, plan, ef: explain.ef ?? null, levels, distances, cost }
  }
}

/** The members of a search for the ten nearest of all. */
export const EVERYTHING: Omit<RowsQuery, 'vector'> = {
  k: 10,
  radius: Number.POSITIVE_INFINITY,
  after: null,
  keys: null,
  without: [],
  exactIndex: 'scan',
  accuracy: 'auto',
  paged: false,
}
