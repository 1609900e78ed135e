/** The rows of a collection that have no codes yet at some level: the newest, and those written since they were coded. */
export class UncodedRows {
  #end = 0
  readonly #written = new Set<number>()

  /** All rows below have been given out to be coded, but for those that were written since. */
  get end(): number {
    return this.#end
  }

  /** Tells whether any of the first `rows` rows is uncoded. */
  isLeft(rows: number): boolean {
    return this.#end < rows || this.#written.size > 0
  }

  /** Tells whether a row was written since it was given out. */
  wasWritten(row: number): boolean {
    return this.#written.has(row)
  }

  willWrite(row: number): void {
    if (row < this.#end) this.#written.add(row)
  }

  /** Gives out up to `most` of the first `rows` rows: those written again, in row order, or else the next new ones. */
  take(rows: number, most: number): Uint32Array {
    if (this.#written.size > 0) return takeRows(this.#written, most)
    const first = this.#end
    this.#end = Math.min(rows, first + most)
    return Uint32Array.from({ length: this.#end - first }, (_, i) => first + i)
  }

  /** Codes rows that were given out, and takes them back where that throws. */
  async orTakeBack<T>(rows: Uint32Array, code: () => Promise<T>): Promise<T> {
    try {
      return await code()
    } catch (error) {
      for (const row of rows) this.#written.add(row)
      throw error
    }
  }
}

/** Takes up to `most` rows out of a set, in row order. */
export function takeRows(set: Set<number>, most: number): Uint32Array {
  const rows = Uint32Array.from([...set].slice(0, most)).sort()
  for (const row of rows) set.delete(row)
  return rows
}
