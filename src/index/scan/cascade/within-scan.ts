import { roundedUp } from '../../../kernels/kernels.ts'
import type { Projector } from '../../../kernels/projector.ts'
import type { SpaceKind } from '../../../vector/space.ts'
import type { RowCount, SearchLevel } from '../../row-index.ts'
import type { NearestSoFar } from '../nearest-so-far.ts'
import type { RowShare } from '../row-share.ts'
import type { ScanSegment } from '../scan-segment.ts'
import type { SearchedRows } from './cascade-search.ts'
import { FullCodeLevel, prefixBetween } from './code-level.ts'
import { Coder, type QueryCodes } from './coder.ts'
import { QueryScan } from './query-scan.ts'
import { type Found, Within } from './within.ts'

/** Rows that show whether prefix codes pay beside codes of whole vectors, and the share that they may leave undecided then. */
const ROWS_TRIED = 1024
const PAYS_BELOW = 0.7

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
  count(
    searched: SearchedRows,
    space: SpaceKind,
    nearest: NearestSoFar,
    share: RowShare,
    found: Found,
  ): RowCount {
    const { rows, codes, level } = searched
    const scan = new QueryScan(nearest, codes, share, null)
    const coder = new Coder(codes.transform, this.#projector, 'queries')
    const query = scan.isFew && rows.stored === null ? null : coder.codesOf(nearest.query.vector)
    if (query === null) return countVectors(searched, space, nearest, share, found)
    level.scanned = 0
    const within = new Within(space, nearest, found)
    const { list, levels } = this.#byPrefix(searched, scan, query, within)
    const full = new FullCodeLevel(this.#segments, codes.full, query.full)
    const undecided: number[] = []
    for (let i = 0; i < list.length && !nearest.isStopped; ) {
      undecided.length = 0
      i = judged(full, list, i, within, found, undecided)
      level.scanRows(rows, within, undecided, undecided.length)
    }
    const uncoded = scan.allCoded ? [] : rowsOf(scan, (row) => scan.isUncoded(row))
    level.scanRows(rows, within, uncoded, uncoded.length)
    return within.answer([
      ...levels,
      { name: 'codes', candidates: list.length },
      { name: 'float32', candidates: level.scanned },
    ])
  }

  /** Lists the rows that the prefix codes leave undecided; all from where these are seen not to pay. */
  #byPrefix(
    { codes }: SearchedRows,
    scan: QueryScan,
    { prefix }: QueryCodes,
    within: Within,
  ): { readonly list: Uint32Array; readonly levels: readonly SearchLevel[] } {
    const { nearest, share, all } = scan
    const { first, end } = share.range
    const list = new Uint32Array(end - first)
    let listed = 0
    let candidates = 0
    let next = first
    if (codes.prefix !== null) {
      const farthest = roundedUp(nearest.squaredBound)
      const { inner } = within.certain
      for (const { range, lower, upper } of prefixBetween(this.#segments, codes, prefix, share)) {
        if (nearest.isStopped) break
        for (let i = 0; i < lower.length; i++) {
          const row = range.first + i
          if (!all && !scan.isEligible(row)) continue
          candidates++
          if (lower[i]! > farthest) continue
          if (upper[i]! <= inner) within.takeWithin(row)
          else list[listed++] = row
        }
        next = range.end
        if (candidates >= ROWS_TRIED && listed > candidates * PAYS_BELOW) break
      }
    }
    const coded = Math.min(end, codes.end)
    for (let row = next; row < coded; row++) if (all || scan.isEligible(row)) list[listed++] = row
    const levels = codes.prefix === null ? [] : [{ name: 'prefix', candidates }]
    return { list: list.subarray(0, listed), levels }
  }
}

/** Counts the rows within a radius by their vectors alone. */
export function countVectors(
  { rows, level }: Omit<SearchedRows, 'codes'>,
  space: SpaceKind,
  nearest: NearestSoFar,
  share: RowShare,
  found: Found,
): RowCount {
  level.scanned = 0
  const within = new Within(space, nearest, found)
  for (const range of share) level.scanRange(rows, within, range)
  return within.answer([{ name: 'float32', candidates: level.scanned }])
}

/** Takes some rows of a list that are within for sure, and lists those that may be; returns where the next ones begin. */
function judged(
  full: FullCodeLevel,
  list: Uint32Array,
  start: number,
  within: Within,
  found: Found,
  undecided: number[],
): number {
  const { squaredBound: bound, certain } = within
  if (found === null) {
    const counted = full.count(list, start, list.length, { bound, inner: certain.inner }, undecided)
    within.add(counted.within)
    return counted.end
  }
  return full.filter(list, start, list.length, { bound, ...certain }, (row, isWithin) => {
    if (isWithin) within.takeWithin(row)
    else undecided.push(row)
  })
}

function rowsOf({ share }: QueryScan, isWanted: (row: number) => boolean): number[] {
  const list: number[] = []
  for (let row = share.range.first; row < share.range.end; row++) if (isWanted(row)) list.push(row)
  return list
}
