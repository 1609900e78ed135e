import { roundedUp } from '../../../kernels/kernels.ts'
import type { Projector } from '../../../kernels/projector.ts'
import { setBit } from '../../../vector/bitset.ts'
import type { RowCount, SearchLevel } from '../../row-index.ts'
import type { NearestSoFar } from '../nearest-so-far.ts'
import { scanVectors } from '../row-level.ts'
import type { RowShare } from '../row-share.ts'
import type { ScanSegment } from '../scan-segment.ts'
import type { SearchedRows } from './cascade-search.ts'
import { FullCodeLevel, prefixBetween } from './code-level.ts'
import { Coder, type QueryCodes } from './coder.ts'
import { QueryScan } from './query-scan.ts'

/** Rows whose bits are set as they are found; null where they are only counted. */
type Found = Uint32Array | null

/**
 * Counts the rows within a radius. A row whose upper bound is within counts, one whose lower bound is beyond does not, both
 * without a look at its vector; the canonical distance decides the others (docs/exactness.md, section 3).
 */
export class WithinScan {
  readonly #segments: readonly ScanSegment[]
  readonly #projector: Projector

  constructor(segments: readonly ScanSegment[], projector: Projector) {
    this.#segments = segments
    this.#projector = projector
  }

  /** @param nearest a query for all rows within a radius. @param share a range of its own. */
  count(searched: SearchedRows, nearest: NearestSoFar, share: RowShare, found: Found): RowCount {
    const { rows, codes, level } = searched
    level.scanned = 0
    const scan = new QueryScan(nearest, codes, share, null)
    const coder = new Coder(codes.transform, this.#projector, 'queries')
    const query = scan.isFew && rows.stored === null ? null : coder.codesOf(nearest.query.vector)
    if (query === null) return countVectors(searched, nearest, share, found)
    const within = new Within(found)
    const { list, levels } = this.#byPrefix(searched, scan, query, within)
    const full = new FullCodeLevel(this.#segments, codes.full, query.full)
    const limits = { bound: nearest.squaredBound, ...nearest.certain }
    for (let i = 0; i < list.length && !nearest.isStopped; ) {
      const undecided: number[] = []
      i = full.filter(list, i, list.length, limits, (row, isWithin) => {
        if (isWithin) within.take(row)
        else undecided.push(row)
      })
      level.scanRows(rows, nearest, undecided, undecided.length)
    }
    const uncoded = scan.allCoded ? [] : rowsOf(scan, (row) => scan.isUncoded(row))
    level.scanRows(rows, nearest, uncoded, uncoded.length)
    return within.and(nearest, [
      ...levels,
      { name: 'codes', candidates: list.length },
      { name: 'float32', candidates: level.scanned },
    ])
  }

  /** Lists the rows that the prefix codes leave undecided. */
  #byPrefix(
    { codes }: SearchedRows,
    scan: QueryScan,
    { prefix }: QueryCodes,
    within: Within,
  ): { readonly list: ArrayLike<number>; readonly levels: readonly SearchLevel[] } {
    const { nearest, share, all } = scan
    if (codes.prefix === null)
      return { list: rowsOf(scan, (row) => scan.isEligible(row)), levels: [] }
    const farthest = roundedUp(nearest.squaredBound)
    const { inner } = nearest.certain
    const { first, end } = share.range
    const list = new Uint32Array(end - first)
    let listed = 0
    let candidates = 0
    for (const { range, lower, upper } of prefixBetween(this.#segments, codes, prefix, share)) {
      if (nearest.isStopped) break
      for (let i = 0; i < lower.length; i++) {
        const row = range.first + i
        if (!all && !scan.isEligible(row)) continue
        candidates++
        if (lower[i]! > farthest) continue
        if (upper[i]! <= inner) within.take(row)
        else list[listed++] = row
      }
    }
    return { list: list.subarray(0, listed), levels: [{ name: 'prefix', candidates }] }
  }
}

/** Counts the rows within a radius by their vectors alone. */
export function countVectors(
  { rows, level }: Omit<SearchedRows, 'codes'>,
  nearest: NearestSoFar,
  share: RowShare,
  found: Found,
): RowCount {
  scanVectors(rows, nearest, share, level)
  return new Within(found).and(nearest, [{ name: 'float32', candidates: level.scanned }])
}

class Within {
  readonly #found: Found
  #count = 0

  constructor(found: Found) {
    this.#found = found
  }

  take(row: number): void {
    this.#count++
    if (this.#found !== null) setBit(this.#found, row)
  }

  /** Takes what was decided by distances too. */
  and(nearest: NearestSoFar, before: readonly SearchLevel[]): RowCount {
    const { rows, levels } = nearest.answer(before)
    for (const row of rows) this.take(row)
    return { count: this.#count, levels }
  }
}

function rowsOf({ share }: QueryScan, isWanted: (row: number) => boolean): number[] {
  const list: number[] = []
  for (let row = share.range.first; row < share.range.end; row++) if (isWanted(row)) list.push(row)
  return list
}
