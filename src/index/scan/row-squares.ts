import { type BlockMemory, blockAddress, MAX_THREADS } from '../../kernels/block-memory.ts'
import type { RowsView } from '../../kernels/vector-rows.ts'
import { MAX_SQUARES, ScanSegment } from './scan-segment.ts'

/** Rows, padded to whole vectors of four floats, begin at multiples of 16 bytes. */
const STEP_BYTES = 16
const STEP_FLOATS = STEP_BYTES / 4

/** Canonical squared distances of a few rows in memory, in the thread that allocates it: no search thread has its scratch space. */
export class RowSquares {
  readonly #segments: ScanSegment[] = []

  constructor(memory: BlockMemory, module: WebAssembly.Module) {
    memory.onSegment((segment) => {
      this.#segments.push(new ScanSegment(module, segment, MAX_THREADS - 1))
    })
  }

  of(query: Float32Array, { layout, blocks }: RowsView, rows: readonly number[]): Float64Array {
    const { floats, rowsPerBlock } = layout
    const table = new Int32Array(blocks)
    const squares = new Float64Array(rows.length)
    const blockOf = (row: number) => blockAddress(table[Math.floor(row / rowsPerBlock)]!)
    for (let first = 0; first < rows.length; ) {
      const number = blockOf(rows[first]!).segment
      const segment = this.#segments[number]!
      const { found: steps, at } = segment
      const end = Math.min(rows.length, first + MAX_SQUARES)
      let next = first
      for (; next < end; next++) {
        const row = rows[next]!
        const block = blockOf(row)
        if (block.segment !== number) break
        steps[next - first] = (block.byteOffset + (row % rowsPerBlock) * floats * 4) / STEP_BYTES
      }
      const count = next - first
      segment.loadQuery(query, floats)
      segment.kernels.canonical(at.query, 0, at.found, count, STEP_FLOATS, query.length, at.listed)
      squares.set(segment.squares.subarray(0, count), first)
      first = next
    }
    return squares
  }
}
