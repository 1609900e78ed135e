import { BLOCK_BYTES, type BlockMemory } from './block-memory.ts'

/** How the codes of a level lie in their blocks: the codes of all rows, then float32 facts by kind. */
export interface CodeLayout {
  /** Padded length of one code. */
  readonly bytes: number
  /** Arrays of one float32 a row behind the codes. */
  readonly facts: number
  /** Rows in a block, a multiple of 4. */
  readonly capacity: number
}

export const PREFIX_LAYOUT: CodeLayout = codeLayout(64, 4)

export function fullLayout(dimensions: number): CodeLayout {
  return codeLayout(Math.ceil(dimensions / 16) * 16, 3)
}

function codeLayout(bytes: number, facts: number): CodeLayout {
  const capacity = Math.floor(BLOCK_BYTES / (bytes + facts * 4) / 4) * 4
  return { bytes, facts, capacity }
}

/** What another thread needs to read or write the codes of rows. */
export interface CodeRowsView {
  readonly layout: CodeLayout
  /** Block numbers in row order, an Int32Array. */
  readonly blocks: SharedArrayBuffer
}

/** The codes of the rows of one collection at one level, in shared memory. */
export class CodeRows {
  readonly layout: CodeLayout
  readonly #memory: BlockMemory
  #blocks = new Int32Array(new SharedArrayBuffer(64))
  #blockCount = 0

  constructor(memory: BlockMemory, layout: CodeLayout) {
    this.#memory = memory
    this.layout = layout
  }

  get memoryBytes(): number {
    return this.#blockCount * BLOCK_BYTES
  }

  /** Makes room for the codes of the first `rows` rows. */
  reserve(rows: number): void {
    while (this.#blockCount * this.layout.capacity < rows) {
      if (this.#blockCount === this.#blocks.length) {
        const larger = new Int32Array(new SharedArrayBuffer(this.#blocks.byteLength * 2))
        larger.set(this.#blocks)
        this.#blocks = larger
      }
      this.#blocks[this.#blockCount++] = this.#memory.allocate()
    }
  }

  view(): CodeRowsView {
    return { layout: this.layout, blocks: this.#blocks.buffer as SharedArrayBuffer }
  }

  /** Gives the blocks back; the codes must not be used any more. */
  release(): void {
    this.#memory.release([...this.#blocks.subarray(0, this.#blockCount)])
    this.#blockCount = 0
  }
}
