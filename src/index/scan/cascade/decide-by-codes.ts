import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { NearestSoFar } from '../nearest-so-far.ts'
import type { RowLevel } from '../row-level.ts'
import type { FullCodeLevel } from './code-level.ts'

/** Decides the first `length` rows of an ascending list, but for those that the codes of whole vectors rule out. */
export function decideByCodes(
  rows: RowsView,
  nearest: NearestSoFar,
  list: ArrayLike<number>,
  length: number,
  full: FullCodeLevel,
  level: RowLevel,
): void {
  const limits = nearest.certain
  const undecided: number[] = []
  const within: number[] = []
  for (let i = 0; i < length && !nearest.isStopped; ) {
    const bound = nearest.squaredBound
    undecided.length = 0
    within.length = 0
    i = full.filter(list, i, length, { bound, ...limits }, (row, isWithin) => {
      if (isWithin) within.push(row)
      else undecided.push(row)
    })
    if (within.length > 0) level.decideRows(rows, nearest, within, within.length)
    if (undecided.length > 0) level.scanRows(rows, nearest, undecided, undecided.length)
  }
}
