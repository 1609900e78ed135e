import { BLOCK_BYTES, type BlockMemory } from './block-memory.ts'
import { BlockTable } from './block-table.ts'

/** How the codes of a level lie in their blocks: the codes of all rows, then float32 facts by kind. */
interface CodeLayout {
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

/** A view for other threads, to read or write the codes of rows. */
export interface CodeRowsView {
  readonly layout: CodeLayout
  /** Block numbers in row order, an Int32Array. */
  readonly blocks: SharedArrayBuffer
}

/** The codes of the rows of one collection at one level, in shared memory. */
export class CodeRows {
  readonly layout: CodeLayout
  readonly #table: BlockTable

  constructor(memory: BlockMemory, layout: CodeLayout) {
    this.#table = new BlockTable(memory)
    this.layout = layout
  }

  get memoryBytes(): number {
    return this.#table.memoryBytes
  }

  /** Makes room for the codes of the first `rows` rows. @throws OUT_OF_MEMORY. */
  reserve(rows: number): void {
    this.#table.reserve(Math.ceil(rows / this.layout.capacity))
  }

  view(): CodeRowsView {
    return { layout: this.layout, blocks: this.#table.shared }
  }

  /** Gives the blocks back; the codes must not be used any more. */
  release(): void {
    this.#table.release()
  }
}
