import type { BlockMemory } from './block-memory.ts'
import { BlockTable, doubled } from './block-table.ts'
import { type RowLayout, type RowsView, rowLayout, rowSlot } from './vector-rows.ts'

/** The slot of a row that is in the file only. */
const IN_FILE = -1

/** A file of float32 rows that lives as long as the collection is open. */
export interface RowFile {
  /** The descriptor that other threads read and write by. */
  readonly descriptor: number
  read(row: number): Promise<Float32Array>
  close(): void
}

/**
 * The float32 vectors of one collection, in a file. Rows that are not written to it yet lie in slots of
 * shared memory; a slot that is left is given to another row once nobody can be reading it.
 */
export class StoredRows {
  readonly layout: RowLayout
  readonly #memory: BlockMemory
  readonly #file: RowFile
  readonly #table: BlockTable
  /** The slot of each row. */
  #slots = new Int32Array(new SharedArrayBuffer(256))
  #count = 0
  /** Entries of the table whose slots are all free, each with its block. */
  readonly #spare: number[] = []
  /** The number of slots in use of each entry. */
  readonly #used: number[] = []
  /** The entry whose slots are given out, from `#next` up to `#end`. */
  #filling: number | null = null
  #next = 0
  #end = 0
  /** The slots left, the first left first. */
  #retired: { readonly slots: readonly number[]; readonly stamp: number }[] = []
  #resident = 0

  constructor(memory: BlockMemory, dimensions: number, file: RowFile) {
    this.#memory = memory
    this.#file = file
    this.#table = new BlockTable(memory)
    this.layout = rowLayout(dimensions)
  }

  get count(): number {
    return this.#count
  }

  /** Slots in use: rows that are not in the file yet, and those that somebody may still be reading. */
  get resident(): number {
    return this.#resident
  }

  get memoryBytes(): number {
    return this.#table.memoryBytes + this.#slots.byteLength
  }

  view(): RowsView {
    const stored = {
      slots: this.#slots.buffer as SharedArrayBuffer,
      file: this.#file.descriptor,
    }
    return { layout: this.layout, blocks: this.#table.shared, count: this.#count, stored }
  }

  /** Makes room for `more` rows, so that writing them cannot fail. @throws OUT_OF_MEMORY. */
  reserve(more: number): void {
    const { rowsPerBlock } = this.layout
    while (this.#end - this.#next + this.#spare.length * rowsPerBlock < more) {
      const entry = this.#table.add()
      this.#used[entry] = 0
      this.#spare.push(entry)
    }
  }

  append(vector: Float32Array): number {
    const row = this.#count
    if (row === this.#slots.length) this.#slots = doubled(this.#slots)
    this.#slots[row] = IN_FILE
    this.write(row, vector)
    this.#count++
    return row
  }

  /** Writes a row that no search under way can see. */
  write(row: number, vector: Float32Array): void {
    const slot = this.#slots[row] === IN_FILE ? this.#takeSlot() : this.#slots[row]!
    this.#inMemory(slot).set(vector)
    Atomics.store(this.#slots, row, slot)
  }

  async read(row: number): Promise<Float32Array> {
    const slot = this.#slots[row]!
    return slot === IN_FILE ? await this.#file.read(row) : this.#inMemory(slot).slice()
  }

  /** Leaves the slots of rows that are in the file now. @param stamp of the last search that may read the slots. */
  settle(rows: Uint32Array, stamp: number): void {
    const slots: number[] = []
    for (const row of rows) {
      const slot = this.#slots[row]!
      if (slot === IN_FILE) continue
      Atomics.store(this.#slots, row, IN_FILE)
      slots.push(slot)
    }
    if (slots.length > 0) this.#retired.push({ slots, stamp })
  }

  /** Frees the slots left before searches that have all ended. */
  recycle(haveEnded: (stamp: number) => boolean): void {
    let ended = 0
    for (const { slots, stamp } of this.#retired) {
      if (!haveEnded(stamp)) break
      for (const slot of slots) this.#leave(slot)
      ended++
    }
    if (ended > 0) this.#retired = this.#retired.slice(ended)
  }

  /** Gives the blocks and the file back; the rows must not be used or searched any more. */
  release(): void {
    this.#table.release()
    this.#file.close()
    this.#count = 0
    this.#resident = 0
  }

  #inMemory(slot: number): Float32Array {
    return rowSlot(this.#memory.segments, this.view(), slot)
  }

  #takeSlot(): number {
    this.reserve(1)
    const { rowsPerBlock } = this.layout
    if (this.#filling === null) {
      this.#filling = this.#spare.pop()!
      this.#next = this.#filling * rowsPerBlock
      this.#end = this.#next + rowsPerBlock
    }
    this.#used[this.#filling]!++
    this.#resident++
    const slot = this.#next++
    if (this.#next === this.#end) this.#filling = null
    return slot
  }

  #leave(slot: number): void {
    const entry = Math.floor(slot / this.layout.rowsPerBlock)
    this.#resident--
    if (--this.#used[entry]! > 0 || entry === this.#filling) return
    if (this.#spare.length === 0) this.#spare.push(entry)
    else this.#table.delete(entry)
  }
}
