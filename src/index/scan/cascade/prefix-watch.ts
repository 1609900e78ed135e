import type { SearchLevel } from '../../row-index.ts'

/** A subspace is worth a second look when there are this many times the rows that it was learnt of. */
const GROWN = 4
/** Nothing can have drifted before this share of those rows was written. */
const CHANGED = 1 / 4
/** Searches that are enough to see a drift. */
const SEARCHES = 32
/** They let through this many times what the sample promised, and this much more. */
const WORSE = 4
const WORSE_BY = 0.02

/** Watches whether the prefix level of one collection still filters as its sample promised. */
export class PrefixWatch {
  #rows = 0
  /** Rows written again. */
  #written = 0
  #promised = 1
  #searches = 0
  #passed = 0

  /** @param promised share of rows that the level let through in the sample. */
  learnt(rows: number, promised: number): void {
    this.#rows = rows
    this.#written = 0
    this.#promised = promised
    this.#searches = 0
    this.#passed = 0
  }

  wrote(): void {
    this.#written++
  }

  /** To be called with the levels of a search of the nearest among all rows. */
  saw(levels: readonly SearchLevel[]): void {
    const rows = levels.find(({ name }) => name === 'prefix')?.candidates ?? 0
    const left = levels.find(({ name }) => name === 'codes')?.candidates
    if (rows === 0 || left === undefined) return
    this.#searches++
    this.#passed += left / rows
  }

  isDue(rows: number): boolean {
    if (rows >= this.#rows * GROWN) return true
    const changed = rows - this.#rows + this.#written
    if (changed < this.#rows * CHANGED || this.#searches < SEARCHES) return false
    const share = this.#passed / this.#searches
    return share > this.#promised * WORSE && share > this.#promised + WORSE_BY
  }
}
