import { roundedDown } from '../../kernels/kernels.ts'
import {
  distanceFromSquared,
  type SpaceKind,
  squaredBound,
  squaredWithin,
} from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import type { RowDecider } from '../scan/row-decider.ts'
import type { FoundPairs } from './found-pairs.ts'
import type { JoinTask } from './join-task.ts'

/** Finds the pairs of one row of the left side as a scan decides the rows of the right side. */
export class PairsOfRow implements RowDecider {
  readonly row: number
  readonly query: RowDecider['query']
  readonly certain: RowDecider['certain']
  readonly isStopped = false
  readonly #space: SpaceKind
  readonly #found: FoundPairs
  /** The ranks by which the earlier id of a pair comes first; null where the order of a pair is that of the sides. */
  readonly #ranks: Uint32Array | null

  constructor(
    {
      space,
      radius,
      isSelf,
      ranks,
      right: { allowed },
    }: Pick<JoinTask, 'space' | 'radius' | 'isSelf' | 'ranks' | 'right'>,
    found: FoundPairs,
    row: number,
    vector: Float32Array,
  ) {
    this.row = row
    this.query = { vector, allowed }
    const isBounded = radius !== Number.POSITIVE_INFINITY
    this.certain = { inner: isBounded ? roundedDown(squaredWithin(space, radius)) : -1, past: -1 }
    this.#space = space
    this.#found = found
    this.#ranks = isSelf && ranks !== null ? ranks.left : null
  }

  get squaredBound(): number {
    return squaredBound(this.#space, this.#found.bound)
  }

  decide(row: number, vector: Float32Array): void {
    this.decideBySquared(row, squaredEuclidean(this.query.vector, vector))
  }

  decideBySquared(row: number, squared: number): void {
    const distance = distanceFromSquared(this.#space, squared)
    const ranks = this.#ranks
    if (ranks !== null && ranks[this.row]! > ranks[row]!) this.#found.add(row, this.row, distance)
    else this.#found.add(this.row, row, distance)
  }
}
