import { BLOCK_BYTES, type BlockMemory, blockAddress, currentBuffer } from './block-memory.ts'
import { BlockTable } from './block-table.ts'

/** How the rows of a collection lie in their blocks. */
export interface RowLayout {
  readonly dimensions: number
  /** Row length in floats: the dimensions, padded with zeros to a multiple of four. */
  readonly floats: number
  readonly rowsPerBlock: number
}

export function rowLayout(dimensions: number): RowLayout {
  const floats = Math.ceil(dimensions / 4) * 4
  return { dimensions, floats, rowsPerBlock: Math.floor(BLOCK_BYTES / 4 / floats) }
}

/** A view for other threads, to read the first `count` rows. Cheap to post: the table is shared. */
export interface RowsView {
  readonly layout: RowLayout
  /** Block numbers in row order, an Int32Array. */
  readonly blocks: SharedArrayBuffer
  readonly count: number
  /** Where rows are that lie in a file, the latest still in memory; null where all are there, at their own numbers. */
  readonly stored: {
    /** An Int32Array: where in memory each row is, or -1 where it is in the file only. */
    readonly slots: SharedArrayBuffer
    /** The descriptor of the file. */
    readonly file: number
  } | null
}

/** Gives the vector in a slot of memory, in place; the slot of a row is its number where none are stored. */
export function rowSlot(
  segments: readonly WebAssembly.Memory[],
  { layout, blocks }: RowsView,
  slot: number,
): Float32Array {
  const { floats, rowsPerBlock, dimensions } = layout
  const block = new Int32Array(blocks)[Math.floor(slot / rowsPerBlock)]!
  const { segment, byteOffset } = blockAddress(block)
  const start = byteOffset + (slot % rowsPerBlock) * floats * 4
  return new Float32Array(currentBuffer(segments[segment]!, start + floats * 4), start, dimensions)
}

/** The float32 vectors of one collection, in shared memory. Rows are numbered from 0. */
export class VectorRows {
  readonly layout: RowLayout
  readonly #memory: BlockMemory
  readonly #table: BlockTable
  #count = 0

  constructor(memory: BlockMemory, dimensions: number) {
    this.#memory = memory
    this.#table = new BlockTable(memory)
    this.layout = rowLayout(dimensions)
  }

  get count(): number {
    return this.#count
  }

  get memoryBytes(): number {
    return this.#table.memoryBytes
  }

  view(): RowsView {
    return { layout: this.layout, blocks: this.#table.shared, count: this.#count, stored: null }
  }

  /** Makes room for `more` rows, so that appending them cannot fail. @throws OUT_OF_MEMORY. */
  reserve(more: number): void {
    while (this.#table.entries * this.layout.rowsPerBlock < this.#count + more) this.#table.add()
  }

  append(vector: Float32Array): number {
    const row = this.#count
    this.reserve(1)
    this.#count++
    this.write(row, vector)
    return row
  }

  write(row: number, vector: Float32Array): void {
    this.#slot(row).set(vector)
  }

  read(row: number): Float32Array {
    return this.#slot(row).slice()
  }

  /** Gives the blocks back; the rows must not be used or searched any more. */
  release(): void {
    this.#table.release()
    this.#count = 0
  }

  #slot(row: number): Float32Array {
    return rowSlot(this.#memory.segments, this.view(), row)
  }
}
