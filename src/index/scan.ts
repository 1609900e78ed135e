import type { RowsView } from '../kernels/vector-rows.ts'
import type { Decision } from './decision.ts'
import type { RowLevel } from './row-level.ts'
import type { RowsRange } from './rows-range.ts'
import type { VectorAnswer } from './vector-index.ts'

/** One query against the vectors of a range of rows, without their codes. */
export function scan(
  rows: RowsView,
  decision: Decision,
  range: RowsRange,
  level: RowLevel,
): VectorAnswer {
  level.scanned = 0
  level.scanRange(rows, decision, range)
  return decision.answer([{ name: 'float32', candidates: level.scanned }])
}
