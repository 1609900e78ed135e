import { bindKernels, type Kernels } from '../../kernels/kernels.ts'
import { Projector } from '../../kernels/projector.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'
import type { SpaceKind } from '../../vector/space.ts'
import type { RowAnswer, RowQuery } from '../row-index.ts'
import { CascadeSearch } from './cascade/cascade-search.ts'
import type { CodedRows } from './cascade/coded-rows.ts'
import type { Rankings } from './cascade/rankings.ts'
import { Decision } from './decision.ts'
import { FloatLevel } from './float-level.ts'
import { RowShare } from './row-share.ts'
import { type ReadRow, RowSource } from './row-source.ts'
import type { RowsRange } from './rows-range.ts'
import { scan } from './scan.ts'
import { ScanScratch } from './scan-scratch.ts'
import { SharedRadius } from './shared-radius.ts'
import type { SharedSearch } from './shared-search.ts'
import { StoredLevel } from './stored-level.ts'

const WHOLE: SearchPart = { part: 0, shared: null }

/** One of the parts of a search that other threads have the others of. */
export interface SearchPart {
  readonly part: number
  readonly shared: SharedSearch | null
}

/** Searches rows in shared memory from one thread, by their codes where there are any. */
export class RowSearch {
  readonly #module: WebAssembly.Module
  readonly #kernels: Kernels[] = []
  readonly #memories: WebAssembly.Memory[] = []
  readonly #floats: FloatLevel
  readonly #stored: StoredLevel
  readonly #cascade: CascadeSearch

  /**
   * @param thread the scratch space to use, 0 to 63; no two searches may run at once on one.
   * @param readRow null where no rows are stored in files.
   * @param rankings null where no search is gone on with.
   */
  constructor(
    module: WebAssembly.Module,
    thread: number,
    readRow: ReadRow | null = null,
    rankings: Rankings | null = null,
  ) {
    this.#module = module
    const scratch = new ScanScratch(thread)
    this.#floats = new FloatLevel(scratch, this.#kernels)
    this.#stored = new StoredLevel(new RowSource(this.#memories, readRow))
    this.#cascade = new CascadeSearch(scratch, this.#kernels, new Projector(module), rankings)
  }

  addSegment(memory: WebAssembly.Memory): void {
    this.#memories.push(memory)
    this.#kernels.push(bindKernels(this.#module, memory))
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
    const decisions = queries.map((query, i) => {
      const radius =
        shared === null || shared.k === 0 ? null : new SharedRadius(shared, i, part, query.k)
      return new Decision(space, query, radius)
    })
    const level = rows.stored === null ? this.#floats : this.#stored
    const shareOf = (query: number) => new RowShare(range, shared, part, query)
    if (codes !== null) return this.#cascade.search(rows, codes, decisions, shareOf, level)
    return decisions.map((decision, i) => scan(rows, decision, shareOf(i), level))
  }
}
