import { blockAddress } from '../../kernels/block-memory.ts'
import type { CodeRowsView } from '../../kernels/code-rows.ts'
import { roundedUp } from '../../kernels/kernels.ts'
import { loadQueries, QUERIES_A_PASS } from '../scan/cascade/code-level.ts'
import type { CodedRows } from '../scan/cascade/coded-rows.ts'
import type { QueryCodes } from '../scan/cascade/coder.ts'
import { PREFIX_RANK } from '../scan/cascade/transform.ts'
import { blockParts, type RowsRange } from '../scan/row-share.ts'
import type { ScanSegment } from '../scan/scan-segment.ts'

/** Rows of one call of a kernel, so that the pairs of all of them fit its list. */
const ROWS_A_CALL = 4096
/** The longest code of which four fit the scratch space with their facts. */
const LONGEST = 8000

export type PairLevel = 'prefix' | 'full'

/** Gives the levels of codes that four vectors at a time can meet, the cheapest first. */
export function pairLevels({ prefix, full }: CodedRows): readonly PairLevel[] {
  const levels: PairLevel[] = prefix === null ? [] : ['prefix']
  return full.layout.bytes <= LONGEST ? [...levels, 'full'] : levels
}

/** Gives four: a pass of fewer would cost as much, and the last is repeated. */
export function fourOf(codes: readonly QueryCodes[]): readonly QueryCodes[] {
  return Array.from({ length: QUERIES_A_PASS }, (_, i) => codes[Math.min(i, codes.length - 1)]!)
}

/**
 * Finds the pairs of four coded vectors and the rows of a range that codes of one level do not rule out.
 * @param squaredBound of the distances wanted.
 * @param onPair is called with each, in the order of the rows of each vector.
 */
export function pairsByCodes(
  segments: readonly ScanSegment[],
  codes: CodedRows,
  level: PairLevel,
  queries: readonly QueryCodes[],
  range: RowsRange,
  squaredBound: number,
  onPair: (query: number, row: number) => void,
): void {
  const view: CodeRowsView = level === 'prefix' ? codes.prefix! : codes.full
  const { bytes, capacity } = view.layout
  const blocks = new Int32Array(view.blocks)
  const bound = roundedUp(squaredBound)
  const loaded = new Set<ScanSegment>()
  const coded = { first: range.first, end: Math.min(range.end, codes.end) }
  for (const { block, firstRow, from, count } of blockParts(coded, capacity)) {
    const { segment: number, byteOffset } = blockAddress(blocks[block]!)
    const segment = segments[number]!
    const { kernels, at, found } = segment
    if (!loaded.has(segment)) {
      loaded.add(segment)
      const length = level === 'prefix' ? PREFIX_RANK : bytes
      loadQueries(
        segment,
        queries.map((query) => query[level]),
        length,
      )
    }
    for (let first = from; first < from + count; first += ROWS_A_CALL) {
      const rows = Math.min(ROWS_A_CALL, from + count - first)
      const hits =
        level === 'prefix'
          ? kernels.prefixPairs4(at.codes, byteOffset, capacity, first, rows, bound, at.found)
          : kernels.fullPairs4(at.codes, byteOffset, bytes, first, rows, bound, at.found)
      for (let i = 0; i < hits; i++) {
        onPair(found[i]! % QUERIES_A_PASS, firstRow + Math.floor(found[i]! / QUERIES_A_PASS))
      }
    }
  }
}
