import { QUERIES_A_PASS } from '../scan/cascade/code-level.ts'
import type { QueryCodes } from '../scan/cascade/coder.ts'
import type { ScanSegment } from '../scan/scan-segment.ts'
import type { JoinStrip, JoinTask } from './join-task.ts'
import { fourOf, pairLevels, pairsByCodes } from './pair-codes.ts'

/** What the rows of a strip are looked at by first: it stays in a cache of 1 MiB while rows of the left side meet it. */
const STRIP_BYTES = 768 * 1024
/** Rows that show whether the prefix codes rule out enough. */
const ROWS_TRIED = 1024
/**
 * The share of pairs that prefix codes may let through where they pay: one by one, the codes of a whole vector take about ten
 * times as long as where two rows meet four.
 */
const PAYS_BELOW = 0.07

/** Rows of a strip at most, in whole words of bits. */
const ROWS_A_STRIP = 16_384

/**
 * Chooses the rows of a strip that begins at a row, and the codes that pay for them.
 * @param codes of the first rows of the left side that have any. @param squaredBound of the distances wanted.
 */
export function stripFrom(
  segments: readonly ScanSegment[],
  right: JoinTask['right'],
  codes: readonly QueryCodes[],
  squaredBound: number,
  first: number,
): JoinStrip {
  const level = levelFrom(segments, right, codes, squaredBound, first)
  const layouts = { prefix: right.codes?.prefix?.layout, full: right.codes?.full.layout }
  const coded = level === 'none' ? undefined : layouts[level]?.stride
  const rowBytes = coded ?? right.rows.layout.floats * 4
  const rows = Math.floor(STRIP_BYTES / rowBytes / 32) * 32
  const end = (first & ~31) + Math.min(ROWS_A_STRIP, Math.max(32, rows))
  return { end: Math.min(right.rows.count, end), level }
}

function levelFrom(
  segments: readonly ScanSegment[],
  { rows, codes }: JoinTask['right'],
  left: readonly QueryCodes[],
  squaredBound: number,
  first: number,
): JoinStrip['level'] {
  const [level = 'none', other] = codes === null ? [] : pairLevels(codes)
  if (codes === null || level === 'none' || other === undefined || left.length === 0) return level
  const tried = { first, end: Math.min(rows.count, first + ROWS_TRIED) }
  let passed = 0
  pairsByCodes(segments, codes, level, fourOf(left), tried, squaredBound, () => {
    passed++
  })
  return passed <= (tried.end - first) * QUERIES_A_PASS * PAYS_BELOW ? level : other
}
