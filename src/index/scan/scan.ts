import type { RowsView } from '../../kernels/vector-rows.ts'
import type { RowAnswer } from '../row-index.ts'
import type { Decision } from './decision.ts'
import type { RowLevel } from './row-level.ts'
import type { RowShare } from './row-share.ts'

/** One query against the vectors of some rows, without their codes. */
export function scan(
  rows: RowsView,
  decision: Decision,
  share: RowShare,
  level: RowLevel,
): RowAnswer {
  level.scanned = 0
  for (const range of share) level.scanRange(rows, decision, range)
  return decision.answer([{ name: 'float32', candidates: level.scanned }])
}
