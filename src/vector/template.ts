import type { SpaceKind } from './space.ts'
import { squaredEuclidean } from './squared-euclidean.ts'
import { toStoredVector } from './stored-vector.ts'

/** A vector is an outlier beyond this many times the median of the squared distances to the centre: 1.5 times of the distances. */
const OUTLIER_SQUARED = 1.5 ** 2
/** Outliers are looked for anew about the centre of those that are left, until they stay the same, or this often. */
const MAX_ROUNDS = 5

/**
 * Gives the robust centre of a set: the mean of its vectors, without those that are more than 1.5 times as far from it as
 * the median of them. Of up to about a third of strangers it takes no notice. Of two vectors both are kept, as neither
 * can be told to be the stranger. Under `cosine` the mean has unit length again; where vectors cancel out, so that it has
 * no direction, the first vector stands for it.
 */
export function templateOf(vectors: readonly Float32Array[], space: SpaceKind): Float32Array {
  let kept = vectors
  let centre = centreOf(kept, space)
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const squared = Float64Array.from(vectors, (vector) => squaredEuclidean(vector, centre))
    const sorted = squared.slice().sort()
    const most = OUTLIER_SQUARED * sorted[(sorted.length - 1) >>> 1]!
    const next = vectors.filter((_, i) => squared[i]! <= most)
    const same = next.length === kept.length && next.every((vector, i) => vector === kept[i])
    // Where more than half are equal, the median is 0, and others would have no say at all.
    if (same || most === 0) break
    kept = next
    centre = centreOf(kept, space)
  }
  return centre
}

function centreOf(vectors: readonly Float32Array[], space: SpaceKind): Float32Array {
  const first = vectors[0]!
  if (vectors.length === 1) return first
  const mean = new Float64Array(first.length)
  for (const vector of vectors) {
    for (let i = 0; i < vector.length; i++) mean[i]! += vector[i]!
  }
  let isZero = true
  for (let i = 0; i < mean.length; i++) {
    mean[i]! /= vectors.length
    if (Math.fround(mean[i]!) !== 0) isZero = false
  }
  if (space === 'euclidean') return Float32Array.from(mean)
  return isZero ? first : toStoredVector(mean, mean.length, space)
}
