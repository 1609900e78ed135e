import { BLOCK_BYTES, type BlockMemory } from './block-memory.ts'

const NONE = -1

/** The blocks of one collection in a table that threads share. Entries are used again. */
export class BlockTable {
  readonly #memory: BlockMemory
  #blocks = new Int32Array(new SharedArrayBuffer(64))
  #end = 0
  readonly #free: number[] = []

  constructor(memory: BlockMemory) {
    this.#memory = memory
  }

  /** Block numbers, an Int32Array. */
  get shared(): SharedArrayBuffer {
    return this.#blocks.buffer as SharedArrayBuffer
  }

  /** The number of entries, those whose block was deleted included. */
  get entries(): number {
    return this.#end
  }

  get memoryBytes(): number {
    return (this.#end - this.#free.length) * BLOCK_BYTES
  }

  /** Adds blocks, of any content, up to `blocks` entries. @throws OUT_OF_MEMORY. */
  reserve(blocks: number): void {
    while (this.#end < blocks) this.#enter(this.#memory.allocate())
  }

  /** Adds a block of zeros; returns its entry. @throws OUT_OF_MEMORY. */
  add(): number {
    const block = this.#memory.allocate()
    // A block that was used before holds old rows: the padding must be zero.
    this.#memory.floats(block).fill(0)
    return this.#enter(block)
  }

  #enter(block: number): number {
    const entry = this.#free.pop() ?? this.#end++
    if (entry === this.#blocks.length) this.#blocks = doubled(this.#blocks)
    this.#blocks[entry] = block
    return entry
  }

  /** Gives the block of an entry back; it must not be read any more. */
  delete(entry: number): void {
    this.#memory.release([this.#blocks[entry]!])
    this.#blocks[entry] = NONE
    this.#free.push(entry)
  }

  /** Gives all blocks back. */
  release(): void {
    const blocks = this.#blocks.subarray(0, this.#end).filter((block) => block !== NONE)
    this.#memory.release([...blocks])
    this.#end = 0
    this.#free.length = 0
  }
}

/** Copies numbers into an array of twice the length that threads share. */
export function doubled(numbers: Int32Array): Int32Array<SharedArrayBuffer> {
  const larger = new Int32Array(new SharedArrayBuffer(numbers.byteLength * 2))
  larger.set(numbers)
  return larger
}
