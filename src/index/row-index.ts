import type { SpaceKind } from '../vector/space.ts'

/** One search among the rows of a collection. Row numbers are internal; ids map outside. */
export interface RowQuery {
  /** A stored vector (see toStoredVector). */
  readonly vector: Float32Array
  /** How many of the nearest to return, at least 1; more are returned where the last ones tie. */
  readonly k: number
  /** Largest published distance, inclusive; Infinity for none. */
  readonly radius: number
  /** Only rows at a published distance of at least this, those at it beyond `k`; -1 for all. */
  readonly from: number
  /** One bit a row, set where the row may be returned; null when every row may. */
  readonly allowed: Uint32Array | null
  /**
   * The name under which a later search may resume this one, or this one resumes an earlier one, while no row was
   * written since: what was learnt of the rows is kept for a while. The answer is the same without.
   */
  readonly resumableAs?: string
  /** How to look at the rows. Left out, the share of rows that are allowed decides. */
  readonly way?: ExactWay
  /** The flag that is raised when nobody waits for the answer any more; left out, none is. */
  readonly stopFlag?: number
}

/** The ways to the same answer: float32 of the `rows` that are allowed, or codes first where there are any. */
export type ExactWay =
  | { readonly kind: 'gather'; readonly rows: number }
  | { readonly kind: 'cascade' }

/** One level of a search, and how many candidates came to it. */
export interface SearchLevel {
  readonly name: string
  readonly candidates: number
}

/**
 * Rows in no order: all rows at distance `from`, the `k` nearest beyond it, and every row that ties
 * with the k-th. The caller breaks ties by id.
 */
export interface RowAnswer {
  readonly rows: Uint32Array
  /** Published distances, of the canonical arithmetic. */
  readonly distances: Float64Array
  readonly levels: readonly SearchLevel[]
}

/** A count of the rows within a radius. */
export interface WithinQuery
  extends Pick<RowQuery, 'vector' | 'radius' | 'allowed' | 'way' | 'stopFlag'> {
  /** Bits in shared memory, one a row: those of the rows within are set. Left out, they are only counted. */
  readonly into?: Uint32Array
}

export interface RowCount {
  readonly count: number
  readonly levels: readonly SearchLevel[]
}

/** Port: the rows of one collection, searched. */
export interface RowIndex {
  readonly space: SpaceKind
  readonly dimensions: number
  /** @throws what `signal` aborts with. */
  search(query: RowQuery, signal?: AbortSignal): Promise<RowAnswer>
  /** Counts the rows within a radius. @throws what `signal` aborts with. */
  within(query: WithinQuery, signal?: AbortSignal): Promise<RowCount>
  /** Computes the canonical squared distances of a few rows at once; only of rows in memory. */
  squares(query: Float32Array, rows: readonly number[]): Float64Array
}
