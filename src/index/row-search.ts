import { bindCodeKernel, type CodeKernel } from '../kernels/code-kernel.ts'
import { Projector } from '../kernels/projector.ts'
import { bindScanKernel, type ScanKernel } from '../kernels/scan-kernel.ts'
import type { RowsView } from '../kernels/vector-rows.ts'
import type { SpaceKind } from '../vector/space.ts'
import { CascadeSearch } from './cascade/cascade-search.ts'
import type { CodedRows } from './cascade/coded-rows.ts'
import type { Rankings } from './cascade/rankings.ts'
import { Decision } from './decision.ts'
import { FloatLevel } from './float-level.ts'
import { type ReadRow, RowSource } from './row-source.ts'
import type { RowsRange } from './rows-range.ts'
import { scan } from './scan.ts'
import { ScanScratch } from './scan-scratch.ts'
import { type SharedRadii, SharedRadius } from './shared-radius.ts'
import { StoredLevel } from './stored-level.ts'
import type { VectorAnswer, VectorQuery } from './vector-index.ts'

const WHOLE: SearchPart = { part: 0, radii: null }

/** One of the parts of a search that other threads have the others of. */
export interface SearchPart {
  readonly part: number
  /** Null where they share none. */
  readonly radii: SharedRadii | null
}

/** Searches rows in shared memory from one thread, by their codes where there are any. */
export class RowSearch {
  readonly #module: WebAssembly.Module
  readonly #scanKernels: ScanKernel[] = []
  readonly #codeKernels: CodeKernel[] = []
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
    this.#floats = new FloatLevel(scratch, this.#scanKernels)
    this.#stored = new StoredLevel(new RowSource(this.#memories, readRow))
    this.#cascade = new CascadeSearch(scratch, this.#codeKernels, new Projector(module), rankings)
  }

  addSegment(memory: WebAssembly.Memory): void {
    this.#memories.push(memory)
    this.#scanKernels.push(bindScanKernel(this.#module, memory))
    this.#codeKernels.push(bindCodeKernel(this.#module, memory))
  }

  /** One answer a query, in order. */
  search(
    rows: RowsView,
    codes: CodedRows | null,
    space: SpaceKind,
    queries: readonly VectorQuery[],
    range: RowsRange,
    { part, radii }: SearchPart = WHOLE,
  ): VectorAnswer[] {
    const decisions = queries.map((query, i) => {
      const shared = radii === null ? null : new SharedRadius(radii, i, part, query.k)
      return new Decision(space, query, shared)
    })
    const level = rows.stored === null ? this.#floats : this.#stored
    if (codes !== null) return this.#cascade.search(rows, codes, decisions, range, level)
    return decisions.map((decision) => scan(rows, decision, range, level))
  }
}
