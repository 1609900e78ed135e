/** Pairs of rows and their published distances, in arrays of one length. */
export interface RowPairs {
  readonly left: Uint32Array
  readonly right: Uint32Array
  readonly distances: Float64Array
}

/** The places of rows in the order of their ids, by which pairs at one distance are ordered. */
export interface PairRanks {
  readonly left: Uint32Array
  readonly right: Uint32Array
}

/** Pairs beyond `k` that are collected before the farthest are dropped. */
const SPARE = 1024
const FIRST_ROOM = 256

/**
 * Collects the pairs of a join: all within the radius, or the `k` closest of them, by distance, then the earlier id of a
 * pair, then the other.
 */
export class FoundPairs {
  readonly #k: number
  readonly #ranks: PairRanks | null
  #left = new Uint32Array(FIRST_ROOM)
  #right = new Uint32Array(FIRST_ROOM)
  #distances = new Float64Array(FIRST_ROOM)
  #count = 0
  #bound: number

  /** @param ranks null where all pairs are wanted. */
  constructor(k: number, radius: number, ranks: PairRanks | null) {
    this.#k = k
    this.#bound = radius
    this.#ranks = ranks
  }

  get count(): number {
    return this.#count
  }

  /** No pair beyond this distance is wanted. Never grows. */
  get bound(): number {
    return this.#bound
  }

  add(left: number, right: number, distance: number): void {
    if (distance > this.#bound) return
    if (this.#count === this.#left.length) this.#grow()
    this.#left[this.#count] = left
    this.#right[this.#count] = right
    this.#distances[this.#count++] = distance
    if (this.#count >= 2 * this.#k + SPARE) this.#cut()
  }

  addAll({ left, right, distances }: RowPairs): void {
    for (let i = 0; i < left.length; i++) this.add(left[i]!, right[i]!, distances[i]!)
  }

  /** Gives the pairs: of the `k` closest in their order, of all in that in which they were added. */
  finish(): RowPairs {
    if (this.#ranks !== null) this.#cut()
    return {
      left: this.#left.slice(0, this.#count),
      right: this.#right.slice(0, this.#count),
      distances: this.#distances.slice(0, this.#count),
    }
  }

  #cut(): void {
    const order = Uint32Array.from({ length: this.#count }, (_, i) => i)
    order.sort((a, b) => this.#compare(a, b))
    const kept = order.subarray(0, Math.min(this.#k, this.#count))
    const [left, right, distances] = [this.#left, this.#right, this.#distances]
    this.#left = new Uint32Array(left.length)
    this.#right = new Uint32Array(left.length)
    this.#distances = new Float64Array(left.length)
    for (let i = 0; i < kept.length; i++) {
      this.#left[i] = left[kept[i]!]!
      this.#right[i] = right[kept[i]!]!
      this.#distances[i] = distances[kept[i]!]!
    }
    this.#count = kept.length
    if (this.#count === this.#k) this.#bound = this.#distances[this.#k - 1]!
  }

  #compare(a: number, b: number): number {
    const byDistance = this.#distances[a]! - this.#distances[b]!
    if (byDistance !== 0) return byDistance
    const { left, right } = this.#ranks!
    const byLeft = left[this.#left[a]!]! - left[this.#left[b]!]!
    return byLeft === 0 ? right[this.#right[a]!]! - right[this.#right[b]!]! : byLeft
  }

  #grow(): void {
    const room = this.#left.length * 2
    const left = new Uint32Array(room)
    const right = new Uint32Array(room)
    const distances = new Float64Array(room)
    left.set(this.#left)
    right.set(this.#right)
    distances.set(this.#distances)
    this.#left = left
    this.#right = right
    this.#distances = distances
  }
}
