import type { Projector } from '../../kernels/projector.ts'
import { hasBit } from '../../vector/bitset.ts'
import { FullCodeLevel, QUERIES_A_PASS } from '../scan/cascade/code-level.ts'
import { Coder, type QueryCodes } from '../scan/cascade/coder.ts'
import { decideByCodes } from '../scan/cascade/decide-by-codes.ts'
import type { RowLevel } from '../scan/row-level.ts'
import type { RowsRange } from '../scan/row-share.ts'
import type { RowSource } from '../scan/row-source.ts'
import type { ScanSegment } from '../scan/scan-segment.ts'
import { fourOf, pairLevels, pairsByCodes } from './pair-codes.ts'
import { RankCount } from './rank-count.ts'
import type { RankSlice, RankTask } from './rank-task.ts'
import { RightRows } from './right-rows.ts'

/** Rows that are looked at where some of them decide. */
const SOME = 2048
/** Rows that four counts meet before they are looked at again: most have stopped by then. */
const ROWS_A_STRIP = 16_384

export interface JoinOptions {
  /** Milliseconds that only grow. */
  readonly clock: () => number
  /** After so many milliseconds a slice ends with the step under way. */
  readonly sliceMs: number
  /** Is called between two steps; what it throws ends the slice. */
  readonly checkStop: () => void
}

/** What the ranks are counted with: the parts of a join. */
export interface RankParts {
  readonly segments: readonly ScanSegment[]
  readonly source: RowSource
  readonly projector: Projector
  readonly level: RowLevel
}

/**
 * Counts ranks until the task or the slice is over: of one query among the neighbours of each row. A count ends when it has
 * come to k, which for a query that is far from a row takes a few rows, whatever they are.
 */
export function rankSlice(
  parts: RankParts,
  task: RankTask,
  { clock, sliceMs, checkStop }: JoinOptions,
): RankSlice {
  const until = clock() + sliceMs
  const right = new RightRows(task)
  const ranks: number[] = []
  for (let i = task.from; i < task.ranked.length; i += QUERIES_A_PASS) {
    if (i > task.from && clock() >= until) break
    checkStop()
    const counts = [...task.ranked.subarray(i, i + QUERIES_A_PASS)].map((row, j) => {
      const vector = parts.source.vector(task.rows, row).slice()
      const distance = task.distances[i + j]!
      return new RankCount(task.space, { row, vector, distance }, task)
    })
    if (task.among === 'some') for (const count of counts) lookAtSome(parts, task, count)
    else lookAtAll(parts, task, right, counts, checkStop)
    ranks.push(...counts.map(({ rank }) => rank))
  }
  return { ranks: Uint32Array.from(ranks) }
}

/** Looks at rows from about the row itself on, as those that were written together may be alike. */
function lookAtSome({ level }: RankParts, { rows }: RankTask, count: RankCount): void {
  const first = Math.max(0, Math.min(rows.count, count.row + SOME / 2) - SOME)
  level.scanRange(rows, count, { first, end: Math.min(rows.count, first + SOME) })
}

function lookAtAll(
  parts: RankParts,
  task: RankTask,
  right: RightRows,
  counts: readonly RankCount[],
  checkStop: () => void,
): void {
  const { rows, codes } = task
  const coder = codes && new Coder(codes.transform, parts.projector, 'queries')
  const coded = counts.map((count) => ({
    count,
    codes: coder?.codesOf(count.query.vector) ?? null,
  }))
  for (let first = 0; first < rows.count; first += ROWS_A_STRIP) {
    checkStop()
    const strip = { first, end: Math.min(rows.count, first + ROWS_A_STRIP) }
    const left = coded.filter(({ count }) => !count.isStopped)
    if (left.length === 0) return
    const byCodes = left.filter((one): one is Coded => one.codes !== null)
    if (codes !== null && byCodes.length > 0) countByCodes(parts, task, right, byCodes, strip)
    for (const { count, codes: own } of left) {
      if (own === null) parts.level.scanRange(rows, count, strip)
      else {
        const uncoded = right.uncoded(strip)
        parts.level.scanRows(rows, count, uncoded, uncoded.length)
      }
    }
  }
}

interface Coded {
  readonly count: RankCount
  readonly codes: QueryCodes
}

function countByCodes(
  { segments, level }: RankParts,
  { rows, codes }: RankTask,
  right: RightRows,
  group: readonly Coded[],
  strip: RowsRange,
): void {
  const [first] = pairLevels(codes!)
  const lists = group.map((): number[] => [])
  if (first === undefined || right.isSparse(strip)) {
    const list = right.coded(strip)
    for (const own of lists) for (const row of list) own.push(row)
  } else {
    const queries = fourOf(group.map((one) => one.codes))
    const bound = Math.max(...group.map(({ count }) => count.squaredBound))
    pairsByCodes(segments, codes!, first, queries, strip, bound, (query, row) => {
      if (query < group.length && hasBit(right.bits, row)) lists[query]!.push(row)
    })
  }
  group.forEach(({ count, codes: { full } }, i) => {
    const fullCodes = new FullCodeLevel(segments, codes!.full, full)
    decideByCodes(rows, count, lists[i]!, lists[i]!.length, fullCodes, level)
  })
}
