import { AppError } from '../errors.ts'
import type { SpaceKind } from './space.ts'

/**
 * Turns numbers into the vector that is stored and searched: float32, of unit length under `cosine`.
 *
 * @throws DIMENSION_MISMATCH when the length differs from `dimensions`; INVALID_VECTOR when a number
 * is NaN, infinite or beyond float32, or when all are zero (a zero vector has no direction, and is
 * what a failed embedding looks like).
 */
export function toStoredVector(
  numbers: ArrayLike<number>,
  dimensions: number,
  space: SpaceKind,
): Float32Array {
  if (numbers.length !== dimensions) {
    const message = `expected a vector of ${dimensions} numbers, got ${numbers.length}`
    throw new AppError('DIMENSION_MISMATCH', message)
  }
  let squaredNorm = 0
  let largest = 0
  for (let i = 0; i < dimensions; i++) {
    const value = numbers[i]!
    if (!Number.isFinite(Math.fround(value))) {
      const message = `expected finite float32 numbers, got ${value} at position ${i}`
      throw new AppError('INVALID_VECTOR', message)
    }
    squaredNorm += value * value
    largest = Math.max(largest, Math.abs(value))
  }
  const vector = new Float32Array(dimensions)
  const scale = space === 'cosine' ? lengthOf(numbers, squaredNorm, largest) : 1
  for (let i = 0; i < dimensions; i++) vector[i] = numbers[i]! / scale
  if (vector.every((value) => value === 0)) {
    throw new AppError('INVALID_VECTOR', 'expected a vector with a direction, got only zeros')
  }
  return vector
}

/** Finds the Euclidean length, scaled by the largest part where the plain sum of squares would underflow. */
function lengthOf(numbers: ArrayLike<number>, squaredNorm: number, largest: number): number {
  if (largest === 0) return 1
  if (squaredNorm > 1e-280) return Math.sqrt(squaredNorm)
  let sum = 0
  for (let i = 0; i < numbers.length; i++) sum += (numbers[i]! / largest) ** 2
  return largest * Math.sqrt(sum)
}
