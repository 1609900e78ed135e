import { type RowsView, rowSlot } from '../../kernels/vector-rows.ts'

/** Reads a row of a file (see RowFile), by its descriptor, into `into`, which has the length of a row. */
export type ReadRow = (file: number, row: number, into: Float32Array) => void

/** The vectors of rows, in memory or in a file, as one thread reads them. */
export class RowSource {
  readonly #memories: readonly WebAssembly.Memory[]
  readonly #readRow: ReadRow | null
  #read = new Float32Array(0)

  /** @param readRow null where no rows are stored in files. */
  constructor(memories: readonly WebAssembly.Memory[], readRow: ReadRow | null) {
    this.#memories = memories
    this.#readRow = readRow
  }

  /** Returns a row in place, or a copy that is good until the next row is read. */
  vector(rows: RowsView, row: number): Float32Array {
    const { stored, layout } = rows
    const slot = stored === null ? row : Atomics.load(new Int32Array(stored.slots), row)
    if (slot >= 0) return rowSlot(this.#memories, rows, slot)
    if (this.#readRow === null) throw new RangeError('this thread reads no files of rows')
    if (this.#read.length !== layout.dimensions) this.#read = new Float32Array(layout.dimensions)
    this.#readRow(stored!.file, row, this.#read)
    return this.#read
  }
}

/** Tells whether a row is in memory, so that the file may not have it yet. */
export function isInMemory({ stored }: RowsView, row: number): boolean {
  return stored === null || Atomics.load(new Int32Array(stored.slots), row) >= 0
}
