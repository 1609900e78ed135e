import { AppError } from '../errors.ts'
import { meanVector } from '../vector/mean-vector.ts'
import type { SpaceKind } from '../vector/space.ts'
import { toStoredVector } from '../vector/stored-vector.ts'

/**
 * Gives the mean of some vectors, of unit length under cosine.
 * @throws NOTHING_TO_EVALUATE where they cancel out, which those of real images do not.
 */
export function meanRow(rows: readonly Float32Array[], space: SpaceKind): Float32Array {
  const mean = meanVector(rows)
  if (space === 'euclidean') return Float32Array.from(mean)
  try {
    return toStoredVector(mean, mean.length, space)
  } catch (cause) {
    const message = 'expected images whose mean has a direction, got opposite ones'
    throw new AppError('NOTHING_TO_EVALUATE', message, { cause })
  }
}
