import type { IncrementalSearch } from './metric-index.ts'

/** About the bytes of what waits in a search: a place in its queue, and what stands there. */
const WAITING_BYTES = 96

/**
 * The rows of a tree in the order of their distances, as far as searches have come; a later one resumes from there
 * (Hjaltason and Samet, Distance browsing in spatial databases, 1999). Holds as long as the tree is not changed.
 */
export class ResumableTreeSearch {
  readonly name: string
  readonly #vector: Float32Array
  readonly #search: IncrementalSearch
  readonly #rows: number[] = []
  readonly #distances: number[] = []

  /** @param search that nobody else advances. */
  constructor(name: string, vector: Float32Array, search: IncrementalSearch) {
    this.name = name
    this.#vector = vector
    this.#search = search
  }

  get bytes(): number {
    return 16 * this.#rows.length + WAITING_BYTES * this.#search.waiting
  }

  /** Distances computed by all searches. */
  get computedDistances(): number {
    return this.#search.computedDistances
  }

  fits(vector: Float32Array): boolean {
    return this.#vector.every((x, i) => x === vector[i])
  }

  /** Gives the rows from the first one on; a loop that stops in the middle is resumed by a later one. */
  *[Symbol.iterator](): Generator<{ readonly row: number; readonly distance: number }> {
    for (let i = 0; ; i++) {
      if (i === this.#rows.length && !this.#advance()) return
      yield { row: this.#rows[i]!, distance: this.#distances[i]! }
    }
  }

  #advance(): boolean {
    const next = this.#search.next()
    if (next.done) return false
    this.#rows.push(next.value.id)
    this.#distances.push(next.value.distance)
    return true
  }
}
