import { BLOCK_BYTES, type BlockMemory, blockAddress } from './block-memory.ts'
import { BlockTable } from './block-table.ts'

/** How the codes of a level lie in their blocks, with float32 facts of each row. */
interface CodeLayout {
  /** Padded length of one code, a multiple of 16. */
  readonly bytes: number
  /** Bytes from a code to the next. */
  readonly stride: number
  /** Rows in a block, a multiple of 4. */
  readonly capacity: number
  /**
   * Behind all codes of a block, one kind after the other, where they are read row by row; behind the code of each row where
   * some rows are looked at.
   */
  readonly facts: 'behind all codes' | 'behind each code'
}

/** The bytes of the four facts of a row. */
const FACTS_BYTES = 16

export const PREFIX_LAYOUT: CodeLayout = {
  ...codeLayout(64),
  stride: 64,
  facts: 'behind all codes',
}

export function fullLayout(dimensions: number): CodeLayout {
  const bytes = Math.ceil(dimensions / 16) * 16
  return { ...codeLayout(bytes), stride: bytes + FACTS_BYTES, facts: 'behind each code' }
}

function codeLayout(bytes: number): Pick<CodeLayout, 'bytes' | 'capacity'> {
  const capacity = Math.floor(BLOCK_BYTES / (bytes + FACTS_BYTES) / 4) * 4
  return { bytes, capacity }
}

/** A view for other threads, to read or write the codes of rows. */
export interface CodeRowsView {
  readonly layout: CodeLayout
  /** Block numbers in row order, an Int32Array. */
  readonly blocks: SharedArrayBuffer
}

/** Where the code of a row lies in its segment, in bytes, and its facts: one every `step` bytes. */
interface CodePlace {
  readonly segment: number
  readonly codes: number
  readonly facts: number
  readonly step: number
}

export function codePlace({ layout, blocks }: CodeRowsView, row: number): CodePlace {
  const { bytes, stride, capacity, facts } = layout
  const number = row % capacity
  const block = new Int32Array(blocks)[Math.floor(row / capacity)]!
  const { segment, byteOffset } = blockAddress(block)
  const codes = byteOffset + number * stride
  return facts === 'behind each code'
    ? { segment, codes, facts: codes + bytes, step: 4 }
    : { segment, codes, facts: byteOffset + capacity * bytes + number * 4, step: capacity * 4 }
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
