import { roundedUp } from '../../../kernels/kernels.ts'
import type { Projector } from '../../../kernels/projector.ts'
import type { RowsView } from '../../../kernels/vector-rows.ts'
import type { RowAnswer } from '../../row-index.ts'
import type { NearestSoFar } from '../nearest-so-far.ts'
import type { ResumableScan, ResumableSearches } from '../resumable-searches.ts'
import { type RowLevel, scanVectors } from '../row-level.ts'
import type { RowShare, RowsRange } from '../row-share.ts'
import type { ScanSegment } from '../scan-segment.ts'
import { FullCodeLevel, prefixBounds, QUERIES_A_PASS } from './code-level.ts'
import type { CodedRows } from './coded-rows.ts'
import { Coder, type QueryCodes } from './coder.ts'
import { decideByCodes } from './decide-by-codes.ts'
import { QueryScan } from './query-scan.ts'
import type { Transform } from './transform.ts'

const NONE = new Uint32Array(0)

/** The rows that are searched, their codes, and the level that decides them by their vectors. */
export interface SearchedRows {
  readonly rows: RowsView
  readonly codes: CodedRows
  readonly level: RowLevel
}

/**
 * The filter cascade (Zezula et al., Similarity Search, 2006, chapter 1.8: filtering by lower bounds; Seidl and
 * Kriegel, Optimal multi-step k-nearest neighbor search, SIGMOD 1998): prefix codes of all rows, full codes of
 * what is left, float32, and the canonical distance. docs/exactness.md proves each bound.
 */
export class CascadeSearch {
  readonly #segments: readonly ScanSegment[]
  readonly #projector: Projector
  readonly #resumable: ResumableSearches<ResumableScan> | null
  /** Room for the bounds of each query of a group. */
  readonly #bounds: Float32Array[] = []
  /** The bounds of a search that nobody resumes any more: room for those of the next that is kept. */
  #spare: Float32Array | null = null
  #list = new Uint32Array(1024)
  #coder: Coder | null = null

  constructor(
    segments: readonly ScanSegment[],
    projector: Projector,
    resumable: ResumableSearches<ResumableScan> | null,
  ) {
    this.#segments = segments
    this.#projector = projector
    this.#resumable = resumable
  }

  /** @param shareOf the rows for some queries that go through them together, by the first of them. */
  search(
    searched: SearchedRows,
    queries: readonly NearestSoFar[],
    shareOf: (query: number) => RowShare,
  ): RowAnswer[] {
    const { codes } = searched
    const answers: RowAnswer[] = []
    for (let i = 0; i < queries.length; i += QUERIES_A_PASS) {
      const share = shareOf(i)
      const scans = queries
        .slice(i, i + QUERIES_A_PASS)
        .map((nearest) => new QueryScan(nearest, codes, share, this.#resumable))
      answers.push(...this.#searchGroup(searched, scans, share))
    }
    return answers
  }

  #searchGroup(searched: SearchedRows, scans: readonly QueryScan[], share: RowShare): RowAnswer[] {
    const { rows, codes, level } = searched
    for (const scan of scans) {
      // Few rows are gathered as float32, unless each would be a read of a file: their codes are at hand.
      if (scan.isFew && rows.stored === null) continue
      scan.codes = this.#coderOf(codes.transform).codesOf(scan.nearest.query.vector)
    }
    if (codes.prefix !== null) {
      const many = scans.filter((scan) => scan.codes !== null && !scan.isFew)
      const fresh = many.filter((scan) => !scan.isResumed)
      this.#prefix(codes, fresh, share)
      for (const scan of many) if (scan.isResumed) scan.resume()
    }
    return scans.map((scan) => {
      return scan.codes === null
        ? scanVectors(rows, scan.nearest, share, level)
        : this.#finish(searched, scan, scan.codes)
    })
  }

  #coderOf(transform: Transform): Coder {
    if (this.#coder?.transform.numbers !== transform.numbers) {
      this.#coder = new Coder(transform, this.#projector, 'queries')
    }
    return this.#coder
  }

  /** Bounds all rows of the share for each query. */
  #prefix(codes: CodedRows, scans: readonly QueryScan[], share: RowShare): void {
    const size = share.range.end - share.range.first
    scans.forEach((scan, q) => {
      const room = () => {
        if ((this.#bounds[q]?.length ?? 0) < size) this.#bounds[q] = new Float32Array(size)
        return this.#bounds[q]!
      }
      scan.begin(room, () => this.#takeSpare(size))
    })
    // A pass of four takes four times as long as one of a single query, however many of them are wanted.
    const passes = scans.length === QUERIES_A_PASS ? [scans] : scans.map((scan) => [scan])
    for (const pass of passes) {
      const queries = pass.map((scan) => scan.codes!.prefix)
      const take = (firstRow: number, count: number, bounds: Float32Array) => {
        for (const [q, scan] of pass.entries()) scan.take(firstRow, count, bounds, pass.length, q)
      }
      const isStopped = () => pass.every(({ nearest }) => nearest.isStopped)
      prefixBounds(this.#segments, codes, queries, share, take, isStopped)
    }
  }

  #finish({ rows, codes, level }: SearchedRows, scan: QueryScan, { full }: QueryCodes): RowAnswer {
    const { nearest, bounds, share } = scan
    level.scanned = 0
    // Rows without codes are looked at again by every search, and rows without bounds teach nothing.
    const resumable = bounds === null ? null : scan.resumable
    nearest.recordIn = resumable
    const seeds = bounds === null ? NONE : scan.firstRows()
    level.decideRows(rows, nearest, seeds, seeds.length)
    const fullCodes = new FullCodeLevel(this.#segments, codes.full, full)
    let listed = 0
    for (const range of share) {
      if (nearest.isStopped) break
      const near = this.#listNear(scan, range, seeds)
      decideByCodes(rows, nearest, this.#list, near, fullCodes, level)
      listed += near
    }
    nearest.recordIn = null
    const isPart = share.range.end - share.range.first < rows.count
    const isWhole = !nearest.isStopped
    if (resumable !== null) {
      const isKept = isWhole && (isPart || nearest.isCut)
      const unused = isKept ? this.#resumable!.keep(resumable) : [resumable]
      this.#spare = unused.at(-1)?.bounds ?? this.#spare
    }
    if (!scan.allCoded) {
      for (const range of share) {
        const uncoded = this.#listUncoded(scan, range)
        level.scanRows(rows, nearest, this.#list, uncoded)
      }
    }
    const bounded = { name: 'prefix', candidates: scan.isResumed ? 0 : scan.eligible }
    return nearest.answer([
      ...(bounds === null ? [] : [bounded]),
      { name: 'codes', candidates: listed },
      { name: 'float32', candidates: level.scanned },
    ])
  }

  /** Lists the allowed rows with codes that the prefix level could not rule out, but for the seeds; returns how many. */
  #listNear(scan: QueryScan, { first, end }: RowsRange, seeds: Uint32Array): number {
    const list = this.#room(end - first)
    const { bounds } = scan
    const boundsFrom = scan.share.range.first
    const bound = roundedUp(scan.nearest.squaredBound)
    let near = 0
    for (let row = first; row < end; row++) {
      if (bounds === null || bounds[row - boundsFrom]! <= bound) list[near++] = row
    }
    let listed = 0
    let seed = 0
    for (let i = 0; i < near; i++) {
      const row = list[i]!
      while (seed < seeds.length && seeds[seed]! < row) seed++
      if (seeds[seed] !== row && (scan.all || scan.isEligible(row))) list[listed++] = row
    }
    return listed
  }

  /** Lists the allowed rows of a range that have no codes; returns how many. */
  #listUncoded(scan: QueryScan, { first, end }: RowsRange): number {
    const list = this.#room(end - first)
    let listed = 0
    for (let row = first; row < end; row++) if (scan.isUncoded(row)) list[listed++] = row
    return listed
  }

  #takeSpare(size: number): Float32Array {
    const spare = this.#spare
    this.#spare = null
    return spare?.length === size ? spare : new Float32Array(size)
  }

  #room(rows: number): Uint32Array {
    if (this.#list.length < rows) this.#list = new Uint32Array(rows)
    return this.#list
  }
}
