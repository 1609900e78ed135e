import type { RowQuery } from '../row-index.ts'

/** What a scan for one query asks of the rows that it meets, and tells of those that it decides. */
export interface RowDecider {
  readonly query: Pick<RowQuery, 'vector' | 'allowed'>
  /** The squared distance beyond which rows are of no interest. Never grows. */
  readonly squaredBound: number
  /** Squared distances, as float32, up to which a row is within for sure, and below which it is of no interest; -1 for none. */
  readonly certain: { readonly inner: number; readonly past: number }
  /** Whether the scan may end anywhere. Once true, it stays so. */
  readonly isStopped: boolean
  /** Decides a row by its canonical distance. A row must not be decided twice. */
  decide(row: number, vector: Float32Array): void
  /** Takes a row that is within for sure, where its distance is not wanted; left out, the distance of every row is. */
  takeWithin?(row: number): void
  /** The same as `decide`, where a kernel has computed the canonical squared distance. */
  decideBySquared(row: number, squared: number): void
}
