import { distanceFromSquared, type SpaceKind } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'

/** The records to choose from, by position. */
export interface Points {
  readonly count: number
  readonly space: SpaceKind
  /** Gives a vector that is good until the next is asked for. */
  vector(position: number): Float32Array
  /** Orders two positions by the ids of their records. */
  compareIds(a: number, b: number): number
}

export interface Chosen {
  readonly position: number
  readonly distance: number
}

/** Long work: each step is about DISTANCES_A_STEP distances, after which others may have their turn. */
export type Steps<Result> = Generator<void, Result>

export const DISTANCES_A_STEP = 32

/** The published distance, in canonical arithmetic. */
export function distanceBetween(space: SpaceKind, a: Float32Array, b: Float32Array): number {
  return distanceFromSquared(space, squaredEuclidean(a, b))
}
