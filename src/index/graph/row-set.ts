import { clearBit, hasBit, lowestBit, setBit, sharedBits } from '../../vector/bitset.ts'

/** A set of row numbers that grows with the largest of them. */
export class RowSet {
  #words = new Uint32Array(64)
  #size = 0
  /** No row below this word is in the set. */
  #first = 0

  get size(): number {
    return this.#size
  }

  has(row: number): boolean {
    return hasBit(this.#words, row)
  }

  add(row: number): void {
    if (this.has(row)) return
    const word = row >>> 5
    if (word >= this.#words.length) this.#grow(word + 1)
    setBit(this.#words, row)
    this.#first = Math.min(this.#first, word)
    this.#size++
  }

  /** Takes a row out; returns whether it was in the set. */
  delete(row: number): boolean {
    if (!this.has(row)) return false
    clearBit(this.#words, row)
    this.#size--
    return true
  }

  /** Gives the lowest rows, ascending, at most `most`. */
  lowest(most: number): Uint32Array {
    const rows = new Uint32Array(Math.min(most, this.#size))
    let taken = 0
    if (rows.length > 0) while (this.#words[this.#first] === 0) this.#first++
    for (let word = this.#first; taken < rows.length; word++) {
      for (let left = this.#words[word]!; left !== 0 && taken < rows.length; left &= left - 1) {
        rows[taken++] = word * 32 + lowestBit(left)
      }
    }
    return rows
  }

  /** Gives the bits of the rows that are also in `allowed` (null: of all), in shared memory; null when there are none. */
  within(allowed: Uint32Array | null): Uint32Array | null {
    if (this.#size === 0) return null
    const length = Math.min(this.#words.length, allowed?.length ?? this.#words.length)
    const bits = sharedBits(length * 32)
    let any = 0
    for (let i = 0; i < length; i++) {
      bits[i] = this.#words[i]! & (allowed === null ? 0xffffffff : allowed[i]!)
      any |= bits[i]!
    }
    return any === 0 ? null : bits
  }

  #grow(words: number): void {
    const larger = new Uint32Array(Math.max(words, this.#words.length * 2))
    larger.set(this.#words)
    this.#words = larger
  }
}
