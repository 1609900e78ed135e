/** Keeps the k smallest of the numbers that are added. */
export class SmallestNumbers {
  readonly #k: number
  readonly #most: number
  /** Ascending. */
  readonly #kept: number[] = []

  /** @param most the largest number that counts. */
  constructor(k: number, most: number) {
    this.#k = k
    this.#most = most
  }

  /** The k-th smallest so far; while there are fewer, the largest number that counts. */
  get largest(): number {
    return this.#kept.length < this.#k ? this.#most : this.#kept.at(-1)!
  }

  /** @param number at most `largest`. */
  add(number: number): void {
    let low = 0
    let high = this.#kept.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#kept[middle]! <= number) low = middle + 1
      else high = middle
    }
    this.#kept.splice(low, 0, number)
    if (this.#kept.length > this.#k) this.#kept.pop()
  }
}
