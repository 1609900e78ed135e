/**
 * The k nearest of those added, and all that tie with the k-th. Unlike `Nearest`, which cuts from
 * time to time, its bound is tight after every object, since here a distance costs more than a heap.
 */
export class KNearest {
  readonly #k: number
  readonly #radius: number
  /** A heap of the k smallest distances, largest first. */
  readonly #smallest: number[] = []
  readonly #ids: number[] = []
  readonly #distances: number[] = []

  constructor(k: number, radius: number) {
    this.#k = k
    this.#radius = radius
  }

  /** No object beyond this can be among the answers any more. Never grows. */
  get bound(): number {
    return this.#smallest.length < this.#k ? this.#radius : this.#smallest[0]!
  }

  add(id: number, distance: number): void {
    if (distance > this.bound) return
    this.#ids.push(id)
    this.#distances.push(distance)
    if (this.#smallest.length < this.#k) this.#rise(distance)
    else this.#sink(distance)
  }

  finish(): { ids: Uint32Array; distances: Float64Array } {
    const kept: number[] = []
    for (let i = 0; i < this.#ids.length; i++) if (this.#distances[i]! <= this.bound) kept.push(i)
    return {
      ids: Uint32Array.from(kept, (i) => this.#ids[i]!),
      distances: Float64Array.from(kept, (i) => this.#distances[i]!),
    }
  }

  #rise(distance: number): void {
    const heap = this.#smallest
    let hole = heap.length
    heap.push(distance)
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (heap[parent]! >= distance) break
      heap[hole] = heap[parent]!
      hole = parent
    }
    heap[hole] = distance
  }

  /** Puts a distance in the place of the largest. */
  #sink(distance: number): void {
    const heap = this.#smallest
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]! > heap[child]!) child++
      if (heap[child]! <= distance) break
      heap[hole] = heap[child]!
      hole = child
    }
    heap[hole] = distance
  }
}
