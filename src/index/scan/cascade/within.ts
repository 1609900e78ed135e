import { setBit } from '../../../vector/bitset.ts'
import { distanceFromSquared, type SpaceKind } from '../../../vector/space.ts'
import { squaredEuclidean } from '../../../vector/squared-euclidean.ts'
import type { RowCount, SearchLevel } from '../../row-index.ts'
import type { NearestSoFar } from '../nearest-so-far.ts'
import type { RowDecider } from '../row-decider.ts'

/** Rows whose bits are set as they are found; null where they are only counted. */
export type Found = Uint32Array | null

/** Counts the rows within a radius as a scan decides them. */
export class Within implements RowDecider {
  readonly query: NearestSoFar['query']
  readonly squaredBound: number
  readonly certain: RowDecider['certain']
  readonly #space: SpaceKind
  readonly #nearest: NearestSoFar
  readonly #found: Found
  #count = 0
  #decided = 0

  /** @param nearest a query for all rows within a radius, of which nothing is found but here. */
  constructor(space: SpaceKind, nearest: NearestSoFar, found: Found) {
    this.query = nearest.query
    this.squaredBound = nearest.squaredBound
    this.certain = nearest.certain
    this.#space = space
    this.#nearest = nearest
    this.#found = found
  }

  get isStopped(): boolean {
    return this.#nearest.isStopped
  }

  decide(row: number, vector: Float32Array): void {
    this.decideBySquared(row, squaredEuclidean(this.query.vector, vector))
  }

  decideBySquared(row: number, squared: number): void {
    this.#decided++
    if (distanceFromSquared(this.#space, squared) <= this.query.radius) this.takeWithin(row)
  }

  takeWithin(row: number): void {
    this.#count++
    if (this.#found !== null) setBit(this.#found, row)
  }

  /** Counts rows that nobody wants to know. */
  add(rows: number): void {
    this.#count += rows
  }

  answer(before: readonly SearchLevel[]): RowCount {
    const levels = [...before, { name: 'float64', candidates: this.#decided }]
    return { count: this.#count, levels }
  }
}
