import { roundedUp } from '../../kernels/kernels.ts'
import { INFINITE, type SharedSearch, takenAt } from './shared-search.ts'

/**
 * The distances that the parts of one query have found, each part in places of its own, so that all of them leave
 * out what is beyond the k-th nearest of all. A place holds the distance of one row at a time, rounded up, and a row is
 * put in one place once: the k-th smallest of all places, whenever each of them is read, is that of k different
 * rows or more, so that no row beyond it can be among the answers (docs/exactness.md, section 4).
 */
export class SharedRadius {
  readonly parts: number
  readonly #words: Int32Array
  readonly #k: number
  /** Where the places of all parts begin and end, and those of this part begin. */
  readonly #first: number
  readonly #end: number
  readonly #own: number
  #held = 0
  #seenChanges = INFINITE
  #bound = Number.POSITIVE_INFINITY
  readonly #float = new Float32Array(1)
  readonly #bits = new Int32Array(this.#float.buffer)

  /** @param k of this query, at most that of the search, which shares distances. */
  constructor({ words, parts, k: most }: SharedSearch, query: number, part: number, k: number) {
    this.parts = parts
    this.#words = new Int32Array(words)
    this.#k = k
    this.#first = takenAt(parts, most, query) + 2
    this.#end = this.#first + parts * most
    this.#own = this.#first + part * most
  }

  /** A row that may be returned, and was not added before, has this published distance. */
  add(distance: number): void {
    if (distance >= this.#bound) return
    this.#float[0] = roundedUp(distance)
    const bits = this.#bits[0]!
    if (this.#held < this.#k) {
      this.#put(this.#own + this.#held++, bits)
      return
    }
    let farthest = this.#own
    for (let i = this.#own + 1; i < this.#own + this.#k; i++) {
      if (this.#words[i]! > this.#words[farthest]!) farthest = i
    }
    if (bits < this.#words[farthest]!) this.#put(farthest, bits)
  }

  /** No row beyond this published distance can be among the k nearest. Never grows. */
  get bound(): number {
    const changes = Atomics.load(this.#words, this.#first - 1)
    if (changes === this.#seenChanges) return this.#bound
    this.#seenChanges = changes
    const found = new Int32Array(this.#end - this.#first)
    for (let i = 0; i < found.length; i++) found[i] = Atomics.load(this.#words, this.#first + i)
    this.#bits[0] = found.sort()[this.#k - 1]!
    this.#bound = Math.min(this.#bound, this.#float[0]!)
    return this.#bound
  }

  #put(place: number, bits: number): void {
    Atomics.store(this.#words, place, bits)
    Atomics.add(this.#words, this.#first - 1, 1)
  }
}
