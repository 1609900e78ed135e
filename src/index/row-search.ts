import { bindCodeKernel, type CodeKernel } from '../kernels/code-kernel.ts'
import { bindScanKernel, type ScanKernel } from '../kernels/scan-kernel.ts'
import type { RowsView } from '../kernels/vector-rows.ts'
import type { SpaceKind } from '../vector/space.ts'
import { CascadeSearch } from './cascade/cascade-search.ts'
import type { CodedRows } from './cascade/coded-rows.ts'
import { Decision } from './decision.ts'
import { FloatLevel } from './float-level.ts'
import type { RowsRange } from './rows-range.ts'
import { ScanScratch } from './scan-scratch.ts'
import type { VectorAnswer, VectorQuery } from './vector-index.ts'

/** Searches rows in shared memory from one thread, by their codes where there are any. */
export class RowSearch {
  readonly #module: WebAssembly.Module
  readonly #scanKernels: ScanKernel[] = []
  readonly #codeKernels: CodeKernel[] = []
  readonly #memories: WebAssembly.Memory[] = []
  readonly #floats: FloatLevel
  readonly #cascade: CascadeSearch

  /** @param thread the scratch space to use, 0 to 63; no two searches may run at once on one. */
  constructor(module: WebAssembly.Module, thread: number) {
    this.#module = module
    const scratch = new ScanScratch(thread)
    this.#floats = new FloatLevel(scratch, this.#scanKernels)
    this.#cascade = new CascadeSearch(scratch, this.#codeKernels, this.#floats, this.#memories)
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
  ): VectorAnswer[] {
    const decisions = queries.map((query) => new Decision(space, query))
    if (codes !== null) return this.#cascade.search(rows, codes, decisions, range)
    return decisions.map((decision) => {
      this.#floats.scanned = 0
      this.#floats.scanRange(rows, decision, range)
      return decision.answer([{ name: 'float32', candidates: this.#floats.scanned }])
    })
  }
}
