import type { SearchLevel } from '../../../index/row-index.ts'
import { ROWS_A_GO, type RowCoding } from '../../../index/scan/cascade/row-coding.ts'
import { takeRows } from '../../../index/scan/cascade/uncoded-rows.ts'
import { StoredRows } from '../../../kernels/stored-rows.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'
import { type Pinnable, pinned } from '../rows/pinned.ts'
import type { RowSlots } from '../rows/row-slots.ts'

interface Rows extends Pinnable {
  readonly vectors: VectorRows | StoredRows
  readonly coding: RowCoding
  readonly slots: RowSlots
}

/** Codes the rows of a generation in the background, and lets those that belong in a file leave the memory. */
export class BackgroundCoding {
  readonly #rows: Rows
  /**
   * While the collection is filled, rows that are not in their file yet, where they belong in one; else null.
   * Their codes are made afterwards: learnt from a sample of all rows, once.
   */
  #filling: Set<number> | null = null
  #stopped = false
  #running = false
  #going: Promise<void> | null = null
  /** Writes that wait until a search has ended. */
  #waiting: (() => void)[] = []

  constructor(rows: Rows) {
    this.#rows = rows
  }

  /** To be called before many rows are written, and then `filled`. */
  beginFilling(): void {
    this.#filling = new Set()
  }

  /**
   * Resolves when rows that belong in a file are coded, so that searches need not read them all.
   * @throws what kept them from being coded.
   */
  async filled(): Promise<void> {
    if (this.#filling === null) return
    while (this.#pending) await this.#go()
    this.#filling = null
    if (this.#rows.vectors instanceof StoredRows) while (this.#pending) await this.#go()
    else this.#rowsChanged()
  }

  wrote(row: number): void {
    if (this.#rows.vectors instanceof StoredRows) this.#filling?.add(row)
    this.#rowsChanged()
  }

  #rowsChanged(): void {
    if (!this.#running && this.#pending) void this.#run()
  }

  /** To be called with the levels of a search of the nearest among all rows. */
  saw(levels: readonly SearchLevel[]): void {
    this.#rows.coding.saw(levels)
    this.#rowsChanged()
  }

  searchEnded(): void {
    const { vectors, coding, slots } = this.#rows
    const haveEnded = (stamp: number) => slots.haveEnded(stamp)
    if (vectors instanceof StoredRows) vectors.recycle(haveEnded)
    coding.recycle(haveEnded)
    this.#resumeWaiting()
  }

  /**
   * Resolves when the rows in memory are few enough to write another.
   * @throws what kept them from being coded, or from being written to their file.
   */
  async room(): Promise<void> {
    const { vectors, coding } = this.#rows
    if (!(vectors instanceof StoredRows)) return
    while (!this.#stopped && vectors.resident > coding.maxInMemory) {
      if (this.#pending) await this.#go()
      else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async settled(): Promise<void> {
    while (this.#running) await new Promise(setImmediate)
  }

  stop(): void {
    this.#stopped = true
    this.#resumeWaiting()
  }

  #resumeWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }

  get #pending(): boolean {
    if (this.#stopped) return false
    if (this.#filling !== null) return this.#filling.size > 0
    return this.#rows.coding.pending(this.#rows.vectors.count)
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      while (this.#pending) await this.#go()
    } catch {
      // Rows without codes are searched as float32; the next write that needs their room throws what went wrong, and a
      // thread that died is named by the next search.
    } finally {
      this.#running = false
    }
  }

  #go(): Promise<void> {
    this.#going ??= this.#advance().finally(() => {
      this.#going = null
    })
    return this.#going
  }

  /** Makes some codes. A row that is freed meanwhile keeps its vector; one that was free before may be written. */
  async #advance(): Promise<void> {
    const { vectors, coding, slots } = this.#rows
    const filling = this.#filling
    await pinned(this.#rows, async () => {
      let done: Uint32Array
      if (filling === null) {
        done = await coding.advance(vectors.view(), () => slots.stamp)
      } else {
        const wanted = takeRows(filling, ROWS_A_GO)
        await coding.store(vectors.view(), wanted)
        done = wanted.filter((row) => !filling.has(row))
      }
      if (vectors instanceof StoredRows) vectors.settle(done, slots.stamp)
    })
  }
}
