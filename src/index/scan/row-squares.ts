import { type BlockMemory, blockAddress, MAX_THREADS } from '../../kernels/block-memory.ts'
import { bindKernels, type Kernels } from '../../kernels/kernels.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'
import { MAX_SQUARES, ScanScratch } from './scan-scratch.ts'

/** Rows, padded to whole vectors of four floats, begin at multiples of so many bytes. */
const STEP_BYTES = 16
const STEP_FLOATS = STEP_BYTES / 4

/** Canonical squared distances of a few rows in memory, in the thread that allocates it: no search thread has its scratch space. */
export class RowSquares {
  readonly #scratch = new ScanScratch(MAX_THREADS - 1)
  readonly #kernels: Kernels[] = []

  constructor(memory: BlockMemory, module: WebAssembly.Module) {
    memory.onSegment((segment) => this.#kernels.push(bindKernels(module, segment)))
  }

  /** Of each row in order. */
  of(query: Float32Array, { layout, blocks }: RowsView, rows: readonly number[]): Float64Array {
    const { floats, rowsPerBlock } = layout
    const table = new Int32Array(blocks)
    const squares = new Float64Array(rows.length)
    const blockOf = (row: number) => blockAddress(table[Math.floor(row / rowsPerBlock)]!)
    for (let first = 0; first < rows.length; ) {
      const { segment } = blockOf(rows[first]!)
      const kernel = this.#kernels[segment]!
      const steps = this.#scratch.foundWords(kernel.memory)
      const end = Math.min(rows.length, first + MAX_SQUARES)
      let at = first
      for (; at < end; at++) {
        const row = rows[at]!
        const block = blockOf(row)
        if (block.segment !== segment) break
        steps[at - first] = (block.byteOffset + (row % rowsPerBlock) * floats * 4) / STEP_BYTES
      }
      squares.set(this.#squares(kernel, query, at - first), first)
      first = at
    }
    return squares
  }

  /** Of the rows whose places are listed, in steps from the beginning of the memory. */
  #squares(kernel: Kernels, query: Float32Array, count: number): Float64Array {
    const { query: at, found, listed } = this.#scratch
    this.#scratch.queryFloats(kernel.memory).set(query)
    kernel.canonical(at, 0, found, count, STEP_FLOATS, query.length, listed)
    return this.#scratch.squares(kernel.memory).subarray(0, count)
  }
}
