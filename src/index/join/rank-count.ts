import { hasBit } from '../../vector/bitset.ts'
import { distanceFromSquared, type SpaceKind, squaredBound } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import type { RowDecider } from '../scan/row-decider.ts'
import type { RankTask } from './rank-task.ts'

/** The row that a rank is counted for, and how far the query is from it. */
export interface RankedRow {
  readonly row: number
  readonly vector: Float32Array
  /** The published distance of the query. */
  readonly distance: number
}

/** Counts the rows that come before a query among the neighbours of one row, and stops where they are `k`. */
export class RankCount implements RowDecider {
  readonly query: RowDecider['query']
  readonly squaredBound: number
  readonly certain: RowDecider['certain']
  readonly #space: SpaceKind
  readonly row: number
  readonly #distance: number
  readonly #before: Uint32Array | null
  readonly #k: number
  #count = 0

  /** @param before a bit for each row that comes before the query at the same distance; null: none does. */
  constructor(
    space: SpaceKind,
    { row, vector, distance }: RankedRow,
    { allowed, before, k }: Pick<RankTask, 'allowed' | 'before' | 'k'>,
  ) {
    this.query = { vector, allowed }
    this.squaredBound = squaredBound(space, distance)
    this.certain = { inner: Math.fround(this.squaredBound), past: -1 }
    this.#space = space
    this.row = row
    this.#distance = distance
    this.#before = before
    this.#k = k
  }

  /** The place of the query among the neighbours of the row, from 1; more than k where it is not among the k nearest. */
  get rank(): number {
    return this.#count + 1
  }

  get isStopped(): boolean {
    return this.#count >= this.#k
  }

  decide(row: number, vector: Float32Array): void {
    this.decideBySquared(row, squaredEuclidean(this.query.vector, vector))
  }

  decideBySquared(row: number, squared: number): void {
    if (row === this.row) return
    const distance = distanceFromSquared(this.#space, squared)
    const isTie = distance === this.#distance && this.#before !== null && hasBit(this.#before, row)
    if (distance < this.#distance || isTie) this.#count++
  }
}
