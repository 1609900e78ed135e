import { BLOCK_BYTES, type BlockMemory, blockAddress, currentBuffer } from './block-memory.ts'

/** How the rows of a collection lie in their blocks. */
export interface RowLayout {
  readonly dimensions: number
  /** Row length in floats: the dimensions, padded with zeros to a multiple of four. */
  readonly floats: number
  readonly rowsPerBlock: number
}

function rowLayout(dimensions: number): RowLayout {
  const floats = Math.ceil(dimensions / 4) * 4
  return { dimensions, floats, rowsPerBlock: Math.floor(BLOCK_BYTES / 4 / floats) }
}

/** What another thread needs to read the first `count` rows. Cheap to post: the table is shared. */
export interface RowsView {
  readonly layout: RowLayout
  /** Block numbers in row order, an Int32Array. */
  readonly blocks: SharedArrayBuffer
  readonly count: number
}

/** The vector of a row, in place. */
export function rowSlot(
  segments: readonly WebAssembly.Memory[],
  { layout, blocks }: RowsView,
  row: number,
): Float32Array {
  const { floats, rowsPerBlock, dimensions } = layout
  const block = new Int32Array(blocks)[Math.floor(row / rowsPerBlock)]!
  const { segment, byteOffset } = blockAddress(block)
  const start = byteOffset + (row % rowsPerBlock) * floats * 4
  return new Float32Array(currentBuffer(segments[segment]!, start + floats * 4), start, dimensions)
}

/** The float32 vectors of one collection, in shared memory. Rows are numbered from 0. */
export class VectorRows {
  readonly layout: RowLayout
  readonly #memory: BlockMemory
  #blocks = new Int32Array(new SharedArrayBuffer(64))
  #blockCount = 0
  #count = 0

  constructor(memory: BlockMemory, dimensions: number) {
    this.#memory = memory
    this.layout = rowLayout(dimensions)
  }

  get count(): number {
    return this.#count
  }

  get memoryBytes(): number {
    return this.#blockCount * BLOCK_BYTES
  }

  view(): RowsView {
    return {
      layout: this.layout,
      blocks: this.#blocks.buffer as SharedArrayBuffer,
      count: this.#count,
    }
  }

  /** Makes room for `more` rows, so that appending them cannot fail. @throws OUT_OF_MEMORY. */
  reserve(more: number): void {
    while (this.#blockCount * this.layout.rowsPerBlock < this.#count + more) this.#addBlock()
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
    this.#memory.release([...this.#blocks.subarray(0, this.#blockCount)])
    this.#blockCount = 0
    this.#count = 0
  }

  #slot(row: number): Float32Array {
    return rowSlot(this.#memory.segments, this.view(), row)
  }

  #addBlock(): void {
    if (this.#blockCount === this.#blocks.length) {
      const larger = new Int32Array(new SharedArrayBuffer(this.#blocks.byteLength * 2))
      larger.set(this.#blocks)
      this.#blocks = larger
    }
    const block = this.#memory.allocate()
    // A block that was used before holds old rows: the padding must be zero.
    this.#memory.floats(block).fill(0)
    this.#blocks[this.#blockCount++] = block
  }
}
