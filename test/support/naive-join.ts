import { distanceFromSquared, type SpaceKind } from '../../src/vector/space.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'

/** A pair of places in two lists, with the published distance of their vectors. */
export interface NaivePair {
  readonly a: number
  readonly b: number
  readonly distance: number
}

/**
 * All pairs of two lists within a radius, by a plain double loop in float64; of one list with itself each pair once. They
 * are ordered by distance, then by `a`, then by `b`.
 */
export function naiveJoin(
  space: SpaceKind,
  left: readonly Float32Array[],
  right: readonly Float32Array[],
  radius: number,
): NaivePair[] {
  const pairs: NaivePair[] = []
  left.forEach((vector, a) => {
    for (let b = left === right ? a + 1 : 0; b < right.length; b++) {
      const distance = distanceFromSquared(space, squaredEuclidean(vector, right[b]!))
      if (distance <= radius) pairs.push({ a, b, distance })
    }
  })
  return pairs.sort((x, y) => x.distance - y.distance || x.a - y.a || x.b - y.b)
}
