/**
 * Collects the k nearest of a stream of candidates, and all that tie with the k-th.
 *
 * A buffer is filled and from time to time cut back to the k smallest by selection: O(n) in all,
 * and ties of any number need no special case.
 */
export class Nearest {
  readonly #k: number
  #rows: Uint32Array
  #distances: Float64Array
  #count = 0
  #cutAt: number
  #bound: number

  /** @param bound largest distance that counts, inclusive. */
  constructor(k: number, bound: number) {
    this.#k = k
    this.#bound = bound
    this.#cutAt = Math.max(2 * k, 32)
    const capacity = Math.min(this.#cutAt, 1024)
    this.#rows = new Uint32Array(capacity)
    this.#distances = new Float64Array(capacity)
  }

  /** No candidate beyond this can be among the answers any more. Never grows. */
  get bound(): number {
    return this.#bound
  }

  /** Candidates held, those that tie with the k-th among them. */
  get count(): number {
    return this.#count
  }

  add(row: number, distance: number): void {
    if (distance > this.#bound) return
    if (this.#count === this.#rows.length) this.#grow()
    this.#rows[this.#count] = row
    this.#distances[this.#count++] = distance
    if (this.#count >= this.#cutAt) this.#cut()
  }

  /** The answers, in no order. */
  finish(): { rows: Uint32Array; distances: Float64Array } {
    if (this.#count > this.#k) this.#cut()
    return {
      rows: this.#rows.slice(0, this.#count),
      distances: this.#distances.slice(0, this.#count),
    }
  }

  #cut(): void {
    const bound = kthSmallest(this.#distances.slice(0, this.#count), this.#k - 1)
    let kept = 0
    for (let i = 0; i < this.#count; i++) {
      if (this.#distances[i]! <= bound) {
        this.#rows[kept] = this.#rows[i]!
        this.#distances[kept++] = this.#distances[i]!
      }
    }
    this.#count = kept
    this.#bound = bound
    // After many ties the next cut waits until the buffer has doubled, so the cost stays linear.
    this.#cutAt = Math.max(2 * kept, 32)
  }

  #grow(): void {
    const rows = new Uint32Array(this.#rows.length * 2)
    const distances = new Float64Array(this.#rows.length * 2)
    rows.set(this.#rows)
    distances.set(this.#distances)
    this.#rows = rows
    this.#distances = distances
  }
}

/** The value at `position` of the sorted order; rearranges `values` (Hoare's selection). */
function kthSmallest(values: Float64Array, position: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]!
    let i = low
    let j = high
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i <= j) {
        const swapped = values[i]!
        values[i++] = values[j]!
        values[j--] = swapped
      }
    }
    if (position <= j) high = j
    else if (position >= i) low = i
    else break
  }
  return values[position]!
}
