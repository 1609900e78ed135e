import type { SpaceKind } from '../vector/space.ts'

/** What to look for. Row numbers are internal; ids map outside. */
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
   * Names a search that a later one may go on with, or goes on with, while no row was written since: what was
   * learnt of the rows is kept for a while. The answer is the same without.
   */
  readonly ranking?: string
  /** How to look at the rows. Left out, the share of rows that are allowed decides. */
  readonly way?: ExactWay
}

/** Ways to the same answer: float32 of the `rows` that are allowed, or codes first where there are any. */
export type ExactWay =
  | { readonly kind: 'gather'; readonly rows: number }
  | { readonly kind: 'cascade' }

/** How many candidates a level of the search let through, from the first to the last. */
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

/** Port: the rows of one collection, searched. */
export interface RowIndex {
  readonly space: SpaceKind
  readonly dimensions: number
  search(query: RowQuery, signal?: AbortSignal): Promise<RowAnswer>
  /** Canonical squared distances of a few rows, computed at once; of rows in memory only. */
  squares(query: Float32Array, rows: readonly number[]): Float64Array
}
