import type { RowsView } from '../../kernels/vector-rows.ts'
import type { Decision } from './decision.ts'
import type { RowsRange } from './rows-range.ts'

/** The level behind the codes: decides rows by their vectors. */
export interface RowLevel {
  /** Rows this level looked at since it was last reset. */
  scanned: number
  /** All rows of a range that the query allows. */
  scanRange(rows: RowsView, decision: Decision, range: RowsRange): void
  /** The rows of a list in ascending order, decided at once. */
  decideRows(rows: RowsView, decision: Decision, list: ArrayLike<number>, length: number): void
  /** The rows of a list in ascending order; only what is allowed may be in it. */
  scanRows(rows: RowsView, decision: Decision, list: ArrayLike<number>, length: number): void
}
