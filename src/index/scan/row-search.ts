import { Projector } from '../../kernels/projector.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../vector/space.ts'
import type { FarthestQuery, RowAnswer, RowCount, RowQuery, WithinQuery } from '../row-index.ts'
import { CascadeSearch } from './cascade/cascade-search.ts'
import type { CodedRows } from './cascade/coded-rows.ts'
import { FarthestScan } from './cascade/farthest-scan.ts'
import { countVectors, WithinScan } from './cascade/within-scan.ts'
import { FloatLevel } from './float-level.ts'
import { NearestSoFar } from './nearest-so-far.ts'
import type { ResumableScan, ResumableSearches } from './resumable-searches.ts'
import { StoredLevel, scanVectors } from './row-level.ts'
import { RowShare, type RowsRange } from './row-share.ts'
import { type ReadRow, RowSource } from './row-source.ts'
import { ScanSegment } from './scan-segment.ts'
import { SharedRadius, type SharedSearch } from './shared-search.ts'

const WHOLE: SearchPart = { part: 0, shared: null }

/** One of the parts of a search that other threads have the others of. */
export interface SearchPart {
  readonly part: number
  readonly shared: SharedSearch | null
}

/** Searches rows in shared memory from one thread, by their codes where there are any. */
export class RowSearch {
  readonly #module: WebAssembly.Module
  readonly #thread: number
  readonly #segments: ScanSegment[] = []
  readonly #memories: WebAssembly.Memory[] = []
  readonly #floats: FloatLevel
  readonly #stored: StoredLevel
  readonly #cascade: CascadeSearch
  readonly #within: WithinScan
  readonly #farthest: FarthestScan
  readonly #stopFlags: Int32Array | null

  /**
   * @param thread the scratch space to use, 0 to 63; no two searches may run at once on one.
   * @param stopFlags shared memory of the flags that queries name. The answer to one that is stopped is of no use.
   */
  constructor(
    module: WebAssembly.Module,
    thread: number,
    readRow: ReadRow | null = null,
    resumable: ResumableSearches<ResumableScan> | null = null,
    stopFlags: Int32Array | null = null,
  ) {
    this.#stopFlags = stopFlags
    this.#module = module
    this.#thread = thread
    this.#floats = new FloatLevel(this.#segments)
    const source = new RowSource(this.#memories, readRow)
    this.#stored = new StoredLevel(source)
    const projector = new Projector(module)
    this.#cascade = new CascadeSearch(this.#segments, projector, resumable)
    this.#within = new WithinScan(this.#segments, projector)
    this.#farthest = new FarthestScan(this.#segments, source, projector, stopFlags)
  }

  addSegment(memory: WebAssembly.Memory): void {
    this.#memories.push(memory)
    this.#segments.push(new ScanSegment(this.#module, memory, this.#thread))
  }

  /** One answer a query, in order. @param range of this part, or of all parts where they share it in chunks. */
  search(
    rows: RowsView,
    codes: CodedRows | null,
    space: SpaceKind,
    queries: readonly RowQuery[],
    range: RowsRange,
    { part, shared }: SearchPart = WHOLE,
  ): RowAnswer[] {
    const found = queries.map((query, i) => {
      const radius =
        shared === null || shared.k === 0 ? null : new SharedRadius(shared, i, part, query.k)
      return new NearestSoFar(space, query, radius, this.#stopFlags)
    })
    const level = rows.stored === null ? this.#floats : this.#stored
    const shareOf = (query: number) => new RowShare(range, shared, part, query)
    if (codes !== null) return this.#cascade.search({ rows, codes, level }, found, shareOf)
    return found.map((nearest, i) => scanVectors(rows, nearest, shareOf(i), level))
  }

  /** Finds the farthest rows of a range: see `RowIndex`. */
  farthest(
    rows: RowsView,
    codes: CodedRows | null,
    space: SpaceKind,
    query: FarthestQuery,
    range: RowsRange,
  ): RowAnswer {
    return this.#farthest.search({ rows, codes, space, range }, query)
  }

  /** Counts the rows of a range that are within a radius; sets their bits where the query has `into`. */
  within(
    rows: RowsView,
    codes: CodedRows | null,
    space: SpaceKind,
    { into, ...query }: WithinQuery,
    range: RowsRange,
  ): RowCount {
    const all = { ...query, k: Number.POSITIVE_INFINITY, from: -1 }
    const nearest = new NearestSoFar(space, all, null, this.#stopFlags)
    const level = rows.stored === null ? this.#floats : this.#stored
    const share = new RowShare(range, null, 0, 0)
    const found = into ?? null
    if (codes === null) return countVectors({ rows, level }, space, nearest, share, found)
    return this.#within.count({ rows, codes, level }, space, nearest, share, found)
  }
}
