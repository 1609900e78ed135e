import { AppError } from '../../errors.ts'
import { brandMetric, type Metric } from './metric.ts'
import { checkSameLength } from './same-length.ts'

const MAX_ORDER = 1024
const MAX_NORM = 1e100

/**
 * sqrt((a - b)' A (a - b)) for a symmetric positive definite matrix A, given by rows, computed as
 * |L'(a - b)| with Cholesky's A = L L'. The computed factor is what defines the metric.
 *
 * @throws INVALID_REQUEST for a matrix that is not square, of order 1 to 1024, finite, symmetric and
 * positive definite, or so ill-conditioned that rounding would drown small distances.
 */
export function quadraticForm(matrix: readonly (readonly number[])[]): Metric<Float32Array> {
  const order = checkSymmetric(matrix)
  const upper = transposedFactor(matrix)
  const difference = new Float64Array(order)
  const slack = { relative: relativeError(upper, order), absolute: 0 }
  return brandMetric('quadratic-form', slack, (a, b) => {
    checkSameLength(a, b)
    checkSameLength(a, difference)
    for (let i = 0; i < order; i++) difference[i] = a[i]! - b[i]!
    let squared = 0
    for (let row = 0; row < order; row++) {
      let part = 0
      for (let i = row; i < order; i++) part += upper[row * order + i]! * difference[i]!
      squared += part * part
    }
    return Math.sqrt(squared)
  })
}

function checkSymmetric(matrix: readonly (readonly number[])[]): number {
  const order = matrix.length
  if (order < 1 || order > MAX_ORDER) {
    throw new AppError(
      'INVALID_REQUEST',
      `expected a matrix of 1 to ${MAX_ORDER} rows, got ${order}`,
    )
  }
  matrix.forEach((row, i) => {
    if (row.length !== order) {
      throw new AppError(
        'INVALID_REQUEST',
        `expected row ${i} of ${order} numbers, got ${row.length}`,
      )
    }
    for (let j = 0; j <= i; j++) {
      if (Number.isFinite(row[j]) && row[j] === matrix[j]![i]) continue
      throw new AppError(
        'INVALID_REQUEST',
        `expected a finite symmetric matrix, got ${row[j]} at (${i}, ${j}) and ${matrix[j]![i]} at (${j}, ${i})`,
      )
    }
  })
  return order
}

/** L' of Cholesky's A = L L', by rows. */
function transposedFactor(matrix: readonly (readonly number[])[]): Float64Array {
  const order = matrix.length
  const upper = new Float64Array(order * order)
  for (let i = 0; i < order; i++) {
    for (let j = i; j < order; j++) {
      let rest = matrix[i]![j]!
      for (let k = 0; k < i; k++) rest -= upper[k * order + i]! * upper[k * order + j]!
      if (j === i && !(rest > 0)) {
        throw new AppError(
          'INVALID_REQUEST',
          `expected a positive definite matrix, got ${rest} on the diagonal of its Cholesky factor at ${i}`,
        )
      }
      upper[i * order + j] = j === i ? Math.sqrt(rest) : rest / upper[i * order + i]!
    }
  }
  return upper
}

/**
 * The parts of L'x cancel, so their error is relative to |L| |x|, and |x| <= |L^-1| d. Hence
 * 2 (n + 8) 2^-53 |L| |L^-1| in Frobenius norms, doubled for the error of these norms.
 */
function relativeError(upper: Float64Array, order: number): number {
  const norm = Math.hypot(...columnNorms(upper, order))
  const inverseNorm = Math.hypot(...columnNorms(inverse(upper, order), order))
  const relative = 4 * (order + 8) * 2 ** -53 * norm * inverseNorm
  if (norm <= MAX_NORM && inverseNorm <= MAX_NORM && relative <= 2 ** -20) return relative
  throw new AppError(
    'INVALID_REQUEST',
    `expected a well-conditioned matrix, got a factor of norm ${norm} with an inverse of norm ${inverseNorm}`,
  )
}

function columnNorms(matrix: Float64Array, order: number): number[] {
  return Array.from({ length: order }, (_, j) =>
    Math.hypot(...Array.from({ length: order }, (_, i) => matrix[i * order + j]!)),
  )
}

/** Inverse of an upper triangular matrix, by back substitution. */
function inverse(upper: Float64Array, order: number): Float64Array {
  const inverted = new Float64Array(order * order)
  for (let j = 0; j < order; j++) {
    for (let i = j; i >= 0; i--) {
      let rest = i === j ? 1 : 0
      for (let k = i + 1; k <= j; k++) rest -= upper[i * order + k]! * inverted[k * order + j]!
      inverted[i * order + j] = rest / upper[i * order + i]!
    }
  }
  return inverted
}
