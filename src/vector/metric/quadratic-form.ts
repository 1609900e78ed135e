import { AppError } from '../../errors.ts'
import { choleskyFactor, invertLower } from '../inverse-factor.ts'
import { brandMetric, checkSameLength, type Metric } from './metric.ts'

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
  const lower = factorOf(matrix, order)
  const slack = { relative: relativeError(lower, order), absolute: 0 }
  const upper = lower.map((_, i) => lower[(i % order) * order + Math.floor(i / order)]!)
  const difference = new Float64Array(order)
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
    throw invalid(`expected a matrix of 1 to ${MAX_ORDER} rows, got ${order}`)
  }
  matrix.forEach((row, i) => {
    if (row.length !== order) {
      throw invalid(`expected row ${i} of ${order} numbers, got ${row.length}`)
    }
    for (let j = 0; j <= i; j++) {
      if (Number.isFinite(row[j]) && row[j] === matrix[j]![i]) continue
      const places = `${row[j]} at (${i}, ${j}) and ${matrix[j]![i]} at (${j}, ${i})`
      throw invalid(`expected a finite symmetric matrix, got ${places}`)
    }
  })
  return order
}

function factorOf(matrix: readonly (readonly number[])[], order: number): Float64Array {
  try {
    return choleskyFactor(Float64Array.from(matrix.flat()), order)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new AppError('INVALID_REQUEST', cause.message, { cause })
  }
}

/**
 * The parts of L'x cancel, so their error is relative to |L| |x|, and |x| <= |L^-1| d. Hence
 * 2 (n + 8) 2^-53 |L| |L^-1| in Frobenius norms, doubled for the error of these norms.
 */
function relativeError(lower: Float64Array, order: number): number {
  const norm = frobenius(lower)
  const inverseNorm = frobenius(invertLower(lower, order))
  const relative = 4 * (order + 8) * 2 ** -53 * norm * inverseNorm
  if (norm <= MAX_NORM && inverseNorm <= MAX_NORM && relative <= 2 ** -20) return relative
  const got = `a factor of norm ${norm} with an inverse of norm ${inverseNorm}`
  throw invalid(`expected a well-conditioned matrix, got ${got}`)
}

function invalid(message: string): AppError {
  return new AppError('INVALID_REQUEST', message)
}

/** Where the squares underflow, those of the inverse overflow, and the matrix is refused. */
function frobenius(matrix: Float64Array): number {
  let squared = 0
  for (const value of matrix) squared += value * value
  return Math.sqrt(squared)
}
