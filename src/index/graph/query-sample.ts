import type { Random } from '../../vector/random.ts'

/**
 * A bounded sample of a stream that forgets: each new item takes a place at random, so that the chance of still
 * being there falls exponentially with age (Aggarwal, On biased reservoir sampling in the presence of stream
 * evolution, VLDB 2006).
 */
export class QuerySample<T> {
  readonly #size: number
  readonly #random: Random
  readonly #items: T[] = []

  constructor(size: number, random: Random) {
    this.#size = size
    this.#random = random
  }

  add(item: T): void {
    if (this.#items.length < this.#size) this.#items.push(item)
    else this.#items[Math.floor(this.#random() * this.#size)] = item
  }

  /** Takes one at random out of the sample; null when there is none. */
  take(): T | null {
    if (this.#items.length === 0) return null
    const at = Math.floor(this.#random() * this.#items.length)
    const [taken] = this.#items.splice(at, 1)
    return taken!
  }
}
