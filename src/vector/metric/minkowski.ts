import { AppError } from '../../errors.ts'
import { squaredEuclidean } from '../squared-euclidean.ts'
import { brandMetric, checkSameLength, type Metric } from './metric.ts'

/**
 * Sums of at most n = 16,384 non-negative terms are off by at most (n + 100) 2^-53 < 2^-38, the
 * roundings before and after the sum included. float32 parts can neither overflow nor underflow in
 * float64: their differences are multiples of 2^-149 and below 2^129.
 */
const SLACK = { relative: 2 ** -37, absolute: 0 }

/** L1: the sum of the absolute differences. */
export const manhattan: Metric<Float32Array> = brandMetric('manhattan', SLACK, (a, b) => {
  checkSameLength(a, b)
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!)
  return sum
})

/** L2: the square root of the canonical squared distance. */
export const euclidean: Metric<Float32Array> = brandMetric('euclidean', SLACK, (a, b) => {
  checkSameLength(a, b)
  return Math.sqrt(squaredEuclidean(a, b))
})

/** L-infinity: the largest absolute difference. */
export const chebyshev: Metric<Float32Array> = brandMetric('chebyshev', SLACK, (a, b) => {
  checkSameLength(a, b)
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!)
    // The negation lets NaN through, so that it is seen.
    if (!(difference <= largest)) largest = difference
  }
  return largest
})

/**
 * Lp: the p-th root of the sum of the p-th powers; Infinity means the largest.
 * @throws INVALID_REQUEST for p < 1, where the triangle inequality fails.
 */
export function minkowski(p: number): Metric<Float32Array> {
  if (!(p >= 1)) {
    throw new AppError('INVALID_REQUEST', `expected an exponent p of at least 1, got ${p}`)
  }
  if (p === 1) return manhattan
  if (p === 2) return euclidean
  if (p === Number.POSITIVE_INFINITY) return chebyshev
  return brandMetric(`minkowski-${p}`, SLACK, (a, b) => {
    const largest = chebyshev.distance(a, b)
    if (largest === 0) return 0
    // Scaled by the largest, so that no power overflows.
    let sum = 0
    for (let i = 0; i < a.length; i++) sum += (Math.abs(a[i]! - b[i]!) / largest) ** p
    return largest * sum ** (1 / p)
  })
}
