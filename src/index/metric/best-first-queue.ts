/** Ranks of what waits: parts and candidates come before objects, so that equal distances come out by id. */
export const PART = -2
export const CANDIDATE = -1

/**
 * A binary heap by key, then rank, in parallel arrays. It holds each part and object of a structure
 * at most once, so the structure bounds it.
 */
export class BestFirstQueue<Value> {
  readonly #keys: number[] = []
  /** PART, CANDIDATE, or the id of an object whose key is its distance. */
  readonly #ranks: number[] = []
  readonly #values: Value[] = []

  get size(): number {
    return this.#keys.length
  }

  /** The key of the first; only where there is one. */
  get firstKey(): number {
    return this.#keys[0]!
  }

  get firstRank(): number {
    return this.#ranks[0]!
  }

  push(key: number, rank: number, value: Value): void {
    let hole = this.#keys.length
    this.#keys.push(key)
    this.#ranks.push(rank)
    this.#values.push(value)
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (!this.#precedes(key, rank, parent)) break
      this.#move(parent, hole)
      hole = parent
    }
    this.#put(hole, key, rank, value)
  }

  /** Takes the first away; only where there is one. */
  pop(): Value {
    const first = this.#values[0]!
    const key = this.#keys.pop()!
    const rank = this.#ranks.pop()!
    const value = this.#values.pop()!
    const size = this.#keys.length
    if (size === 0) return first
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= size) break
      const right = child + 1
      if (right < size && this.#precedes(this.#keys[right]!, this.#ranks[right]!, child))
        child = right
      if (this.#precedes(key, rank, child)) break
      this.#move(child, hole)
      hole = child
    }
    this.#put(hole, key, rank, value)
    return first
  }

  #precedes(key: number, rank: number, other: number): boolean {
    const otherKey = this.#keys[other]!
    return key < otherKey || (key === otherKey && rank < this.#ranks[other]!)
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#keys[from]!, this.#ranks[from]!, this.#values[from]!)
  }

  #put(at: number, key: number, rank: number, value: Value): void {
    this.#keys[at] = key
    this.#ranks[at] = rank
    this.#values[at] = value
  }
}
