import { AppError } from '../../errors.ts'
import { brandMetric, checkSameLength, type Metric } from './metric.ts'

/**
 * The angle between two vectors, in radians, 0 to pi, whatever their lengths; 0 for parallel ones.
 *
 * Kahan's form, 2 atan2(| |b|a - |a|b |, | |b|a + |a|b |), keeps its precision near 0 and pi where
 * the arc cosine loses half the digits, and does not rely on unit length: 2 asin(|a - b| / 2) of
 * vectors that are unit only to float32 breaks the triangle inequality by 1e-7.
 *
 * @throws INVALID_VECTOR for a zero vector, which has no direction.
 */
export const angular: Metric<Float32Array> = brandMetric(
  'angular',
  // The lengths are off by up to (n / 2 + 2) 2^-53 each, so the angle by 3 (n + 10) 2^-53 at most.
  { relative: 2 ** -50, absolute: 2 ** -36 },
  (a, b) => {
    checkSameLength(a, b)
    let squaredA = 0
    let squaredB = 0
    for (let i = 0; i < a.length; i++) {
      squaredA += a[i]! * a[i]!
      squaredB += b[i]! * b[i]!
    }
    if (squaredA === 0 || squaredB === 0) {
      throw new AppError('INVALID_VECTOR', 'expected vectors with a direction, got only zeros')
    }
    const lengthA = Math.sqrt(squaredA)
    const lengthB = Math.sqrt(squaredB)
    let across = 0
    let along = 0
    for (let i = 0; i < a.length; i++) {
      const x = lengthB * a[i]!
      const y = lengthA * b[i]!
      across += (x - y) * (x - y)
      along += (x + y) * (x + y)
    }
    return 2 * Math.atan2(Math.sqrt(across), Math.sqrt(along))
  },
)
