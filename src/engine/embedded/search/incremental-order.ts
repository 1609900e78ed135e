import type { RowIndex } from '../../../index/row-index.ts'
import { StoredRows } from '../../../kernels/stored-rows.ts'
import { setBits } from '../../../vector/bitset.ts'
import { distanceFromSquared, type SpaceKind } from '../../../vector/space.ts'
import { squaredEuclidean } from '../../../vector/squared-euclidean.ts'
import type { GenerationParts } from '../generation-parts.ts'

/** The rows of one moment by their distance from one query, read from the nearest on (Hjaltason and Samet, 1999). */
export interface IncrementalOrder {
  /** Rows that were not read are farther than this; Infinity when all with a distance were read. */
  readonly reached: number
  /** The number of rows read. */
  readonly read: number
  /** Reads about this many more rows, and all that tie with the last of them. */
  next(rows: number, signal?: AbortSignal): Promise<ArrayLike<number>>
  /** Gives the distances of any rows; Infinity of one that has none. */
  distances(rows: readonly number[], signal?: AbortSignal): Promise<ArrayLike<number>>
}

interface Parts {
  readonly index: RowIndex
  readonly vectors: GenerationParts['vectors']
  readonly space: SpaceKind
  /** Names the search among those of this moment, so that a later read costs less. */
  readonly name: string
}

/** Distances computed before other work gets its turn: about 1 ms. */
const DISTANCES_A_TURN = 1024

/** By the distance of vectors. */
export class EmbeddingOrder implements IncrementalOrder {
  reached = -1
  read = 0
  readonly #parts: Parts
  readonly #vector: Float32Array
  readonly #allowed: Uint32Array

  constructor(parts: Parts, vector: Float32Array, allowed: Uint32Array) {
    this.#parts = parts
    this.#vector = vector
    this.#allowed = allowed
  }

  async next(rows: number, signal?: AbortSignal): Promise<ArrayLike<number>> {
    const query = {
      vector: this.#vector,
      k: rows,
      radius: Number.POSITIVE_INFINITY,
      from: this.reached,
      allowed: this.#allowed,
      resumableAs: this.#parts.name,
    }
    const answer = await this.#parts.index.search(query, signal)
    // Those at `from` were read before.
    const found = answer.rows.filter((_, i) => answer.distances[i]! > query.from)
    let last = query.from
    for (const distance of answer.distances) if (distance > last) last = distance
    this.reached = found.length < rows ? Number.POSITIVE_INFINITY : last
    this.read += found.length
    return found
  }

  async distances(rows: readonly number[], signal?: AbortSignal): Promise<ArrayLike<number>> {
    const { index, vectors, space } = this.#parts
    const distances = new Float64Array(rows.length)
    for (let i = 0; i < rows.length; i += DISTANCES_A_TURN) {
      if (i > 0) await new Promise(setImmediate)
      signal?.throwIfAborted()
      const some = rows.slice(i, i + DISTANCES_A_TURN)
      const squares =
        vectors instanceof StoredRows
          ? await Promise.all(
              some.map(async (row) => squaredEuclidean(this.#vector, await vectors.read(row))),
            )
          : index.squares(this.#vector, some)
      for (const [j, squared] of squares.entries()) {
        distances[i + j] = distanceFromSquared(space, squared)
      }
    }
    return distances
  }
}

/** By the bits in which fingerprints differ, all counted at the beginning: a row takes no more than a few nanoseconds. */
export class FingerprintOrder implements IncrementalOrder {
  reached = -1
  read = 0
  readonly #bitsOf: (row: number) => number
  readonly #rows: Uint32Array
  readonly #bits: Uint8Array

  /** @param bitsOf the bits in which a row differs; Infinity where it has no fingerprint. */
  constructor(allowed: Uint32Array, bitsOf: (row: number) => number) {
    this.#bitsOf = bitsOf
    const rows = [...setBits(allowed)].filter((row) => Number.isFinite(bitsOf(row)))
    this.#rows = Uint32Array.from(rows)
    this.#bits = Uint8Array.from(rows, bitsOf)
    const order = this.#rows.map((_, i) => i).sort((a, b) => this.#bits[a]! - this.#bits[b]!)
    this.#rows = order.map((i) => rows[i]!)
    this.#bits.sort()
  }

  async next(rows: number): Promise<ArrayLike<number>> {
    const first = this.read
    let end = Math.min(first + rows, this.#rows.length)
    while (end > first && end < this.#rows.length && this.#bits[end] === this.#bits[end - 1]) end++
    this.read = end
    this.reached = end === this.#rows.length ? Number.POSITIVE_INFINITY : this.#bits[end - 1]!
    return this.#rows.subarray(first, end)
  }

  async distances(rows: readonly number[]): Promise<ArrayLike<number>> {
    return rows.map(this.#bitsOf)
  }
}
