import type { RowAnswer, SearchLevel } from '../row-index.ts'

/** Rows that there is room for at first. */
const FIRST_ROOM = 64

/**
 * Collects the k nearest beyond a distance of a stream of rows, all that tie with the k-th, and all that are at that
 * distance.
 *
 * A buffer is filled and from time to time cut back to the k smallest by selection: O(n) in all,
 * and ties of any number need no special case.
 */
export class Nearest {
  readonly #k: number
  readonly #from: number
  readonly #atFrom: number[] = []
  #rows: Uint32Array
  #distances: Float64Array
  #count = 0
  #cutAt: number
  #bound: number

  /** @param bound largest distance that counts, inclusive. @param from none below this counts. */
  constructor(k: number, bound: number, from = -1) {
    this.#k = k
    this.#bound = bound
    this.#from = from
    this.#cutAt = Math.max(2 * k, 32)
    // Most ranges hold far fewer than a large k, which would cost much room.
    const capacity = Math.min(this.#cutAt, FIRST_ROOM)
    this.#rows = new Uint32Array(capacity)
    this.#distances = new Float64Array(capacity)
  }

  /** No row beyond this can be among the answers any more. Never grows. */
  get bound(): number {
    return this.#bound
  }

  /** Rows held beyond `from`, those that tie with the k-th among them. */
  get count(): number {
    return this.#count
  }

  add(row: number, distance: number): void {
    if (distance > this.#bound) return
    if (distance <= this.#from) {
      if (distance === this.#from) this.#atFrom.push(row)
      return
    }
    if (this.#count === this.#rows.length) this.#grow(this.#count * 2)
    this.#rows[this.#count] = row
    this.#distances[this.#count++] = distance
    if (this.#count >= this.#cutAt) this.#cut()
  }

  /** Gives the answers, in no order. */
  finish(): { rows: Uint32Array; distances: Float64Array } {
    if (this.#count > this.#k) this.#cut()
    const beyond = this.#count
    const all = beyond + this.#atFrom.length
    if (all > this.#rows.length) this.#grow(all)
    this.#rows.set(this.#atFrom, beyond)
    this.#distances.fill(this.#from, beyond, all)
    return { rows: this.#rows.slice(0, all), distances: this.#distances.slice(0, all) }
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

  #grow(capacity: number): void {
    const rows = new Uint32Array(capacity)
    const distances = new Float64Array(capacity)
    rows.set(this.#rows)
    distances.set(this.#distances)
    this.#rows = rows
    this.#distances = distances
  }
}

/** Finds the value at `position` of the sorted order; rearranges `values` (Hoare's selection). */
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

/** Joins the answers that parts of the rows gave to one query. */
export function mergeAnswers(parts: readonly RowAnswer[], k: number, from: number): RowAnswer {
  if (parts.length === 1) return parts[0]!
  const nearest = new Nearest(k, Number.POSITIVE_INFINITY, from)
  for (const { rows, distances } of parts) {
    for (let i = 0; i < rows.length; i++) nearest.add(rows[i]!, distances[i]!)
  }
  return { ...nearest.finish(), levels: addedLevels(parts) }
}

/** Adds up the candidates of the parts of one search, level by level. */
export function addedLevels(parts: readonly Pick<RowAnswer, 'levels'>[]): readonly SearchLevel[] {
  return (parts[0]?.levels ?? []).map(({ name }, i) => ({
    name,
    candidates: parts.reduce((sum, part) => sum + (part.levels[i]?.candidates ?? 0), 0),
  }))
}
