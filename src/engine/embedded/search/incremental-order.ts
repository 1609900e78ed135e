import type { RowIndex } from '../../../index/row-index.ts'
import { StoredRows } from '../../../kernels/stored-rows.ts'
import { nextTurn } from '../../../scheduling/next-turn.ts'
import { countBits, setBits } from '../../../vector/bitset.ts'
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
  next(rows: number, signal?: AbortSignal): Promise<readonly number[] | Uint32Array>
  /** Gives the distances of any rows, in one turn; Infinity of one that has none. */
  distances(rows: readonly number[]): Promise<ArrayLike<number>>
}

interface Parts {
  readonly index: RowIndex
  readonly vectors: GenerationParts['vectors']
  readonly space: SpaceKind
  /** Names the search among those of this moment, so that a later read costs less. */
  readonly name: string
}

/** Fingerprints compared, or put in order, before other work gets its turn: less than 1 ms. */
const ROWS_A_TURN = 8192
/** The bits of a fingerprint. */
const FINGERPRINT_BITS = 64

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

  async next(rows: number, signal?: AbortSignal): Promise<readonly number[] | Uint32Array> {
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

  async distances(rows: readonly number[]): Promise<ArrayLike<number>> {
    const { index, vectors, space } = this.#parts
    const squares =
      vectors instanceof StoredRows
        ? await Promise.all(
            rows.map(async (row) => squaredEuclidean(this.#vector, await vectors.read(row))),
          )
        : index.squares(this.#vector, rows)
    return Float64Array.from(squares, (squared) => distanceFromSquared(space, squared))
  }
}

/** By the bits in which fingerprints differ, all counted at the beginning: a row takes no more than a few nanoseconds. */
export class FingerprintOrder implements IncrementalOrder {
  reached = -1
  read = 0
  readonly #bitsOf: (row: number) => number
  /** In the order of their bits. */
  readonly #rows: Uint32Array
  /** The number of rows of at most so many bits. */
  readonly #ends: Uint32Array

  private constructor(bitsOf: (row: number) => number, rows: Uint32Array, ends: Uint32Array) {
    this.#bitsOf = bitsOf
    this.#rows = rows
    this.#ends = ends
  }

  /**
   * Puts the rows in order, other work having its turn.
   * @param bitsOf the bits in which a row differs; Infinity where it has no fingerprint. @throws what `signal` aborts with.
   */
  static async of(
    allowed: Uint32Array,
    bitsOf: (row: number) => number,
    signal?: AbortSignal,
  ): Promise<FingerprintOrder> {
    const listed = new Uint32Array(countBits(allowed))
    const bits = new Uint8Array(listed.length)
    const ends = new Uint32Array(FINGERPRINT_BITS + 1)
    let count = 0
    let looked = 0
    for (const row of setBits(allowed)) {
      if (++looked % ROWS_A_TURN === 0) await nextTurn(signal)
      const different = bitsOf(row)
      if (different === Number.POSITIVE_INFINITY) continue
      listed[count] = row
      bits[count++] = different
      ends[different]!++
    }
    const starts = new Uint32Array(FINGERPRINT_BITS + 1)
    for (let i = 1; i < ends.length; i++) {
      starts[i] = ends[i - 1]!
      ends[i]! += ends[i - 1]!
    }
    const rows = new Uint32Array(count)
    for (let i = 0; i < count; i++) {
      if (i > 0 && i % ROWS_A_TURN === 0) await nextTurn(signal)
      rows[starts[bits[i]!]!++] = listed[i]!
    }
    return new FingerprintOrder(bitsOf, rows, ends)
  }

  async next(rows: number): Promise<Uint32Array> {
    const first = this.read
    const reached = this.#ends.findIndex((end) => end >= first + rows)
    this.read = reached === -1 ? this.#rows.length : this.#ends[reached]!
    this.reached = this.read === this.#rows.length ? Number.POSITIVE_INFINITY : reached
    return this.#rows.subarray(first, this.read)
  }

  async distances(rows: readonly number[]): Promise<ArrayLike<number>> {
    return rows.map(this.#bitsOf)
  }
}
