import type { SearchLevel } from '../../../index/row-index.ts'
import { ROWS_A_GO, type RowCoding } from '../../../index/scan/cascade/row-coding.ts'
import { takeRows } from '../../../index/scan/cascade/uncoded-rows.ts'
import { StoredRows } from '../../../kernels/stored-rows.ts'
import type { VectorRows } from '../../../kernels/vector-rows.ts'

interface Parts {
  readonly rows: VectorRows | StoredRows
  readonly coding: RowCoding
  /** Keeps rows that are freed from being used again, until what it returns is called. */
  readonly pin: () => () => void
  /** The last ticket given to a search. */
  readonly stamp: () => number
}

/** Codes the rows of a gallery in the background, and lets those that belong in a file leave the memory. */
export class BackgroundCoding {
  readonly #parts: Parts
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

  constructor(parts: Parts) {
    this.#parts = parts
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
    if (this.#parts.rows instanceof StoredRows) while (this.#pending) await this.#go()
    else this.#rowsChanged()
  }

  /** To be called after every write of a row. */
  wrote(row: number): void {
    if (this.#parts.rows instanceof StoredRows) this.#filling?.add(row)
    this.#rowsChanged()
  }

  #rowsChanged(): void {
    if (!this.#running && this.#pending) void this.#run()
  }

  /** To be called with the levels of a search of the nearest among all rows. */
  saw(levels: readonly SearchLevel[]): void {
    this.#parts.coding.saw(levels)
    this.#rowsChanged()
  }

  /** To be called after every search. @param haveEnded whether all searches up to a ticket have. */
  searchEnded(haveEnded: (stamp: number) => boolean): void {
    const { rows, coding } = this.#parts
    if (rows instanceof StoredRows) rows.recycle(haveEnded)
    coding.recycle(haveEnded)
    this.#resumeWaiting()
  }

  /**
   * Resolves when the rows in memory are few enough to write another.
   * @throws what kept them from being coded, or from being written to their file.
   */
  async room(): Promise<void> {
    const { rows, coding } = this.#parts
    if (!(rows instanceof StoredRows)) return
    while (!this.#stopped && rows.resident > coding.maxInMemory) {
      if (this.#pending) await this.#go()
      else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  /** Resolves when the codes have caught up with the rows. */
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
    return this.#parts.coding.pending(this.#parts.rows.count)
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      while (this.#pending) await this.#go()
    } catch {
      // Rows without codes are searched as float32; what went wrong is told to the next write that needs their
      // room, and a thread that died is named by the next search.
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

  /** A row that is freed meanwhile keeps its vector; one that was free before may be written. */
  async #advance(): Promise<void> {
    const { rows, coding, pin, stamp } = this.#parts
    const release = pin()
    try {
      const done =
        this.#filling === null
          ? await coding.advance(rows.view(), stamp)
          : await this.#store(this.#filling)
      if (rows instanceof StoredRows) rows.settle(done, stamp())
    } finally {
      release()
    }
  }

  /** Returns the rows that are in their file now. */
  async #store(filling: Set<number>): Promise<Uint32Array> {
    const wanted = takeRows(filling, ROWS_A_GO)
    await this.#parts.coding.store(this.#parts.rows.view(), wanted)
    return wanted.filter((row) => !filling.has(row))
  }
}
