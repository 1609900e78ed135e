import { gramComponents } from './gram-components.ts'
import type { Matrix } from './matrix-product.ts'
import type { RowMatrix } from './row-matrix.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

export interface PrincipalComponents {
  readonly mean: Float64Array
  /** Orthonormal directions, row after row, `mean.length` numbers each; largest variance first. */
  readonly directions: Float64Array
  /** Variance along each direction (divided by the number of rows), never below 0. */
  readonly variances: Float64Array
}

/**
 * Principal component analysis in float64, by the eigenvectors of the covariance, or of the smaller
 * matrix of all products of rows where there are fewer rows than dimensions. With n the smaller of
 * both, needs 16 n^2 bytes, and time of the order of rows * dimensions * n + n^3: seconds where both
 * are above 1,000.
 *
 * @param components directions wanted, 1 to `rows.dimensions`. Beyond the rank of the data they are
 * orthonormal still, with a variance of about 0.
 */
export function principalComponents(rows: RowMatrix, components: number): PrincipalComponents {
  const { count, dimensions } = rows
  if (count < 1) throw new RangeError('expected at least one row, got none')
  if (!Number.isInteger(components) || components < 1 || components > dimensions) {
    throw new RangeError(`expected 1 to ${dimensions} components, got ${components}`)
  }
  const mean = meanRow(rows)
  const short =
    components < count && count < dimensions ? gramComponents(rows, mean, components) : null
  if (short !== null) return { mean, ...short }
  const { values, vectors } = symmetricEigen(covariance(rows, mean), dimensions, components)
  return {
    mean,
    directions: vectors,
    variances: values.map((value) => Math.max(0, value)),
  }
}

/** The coordinates of rows along the directions, from the mean. Not of unit length. */
export function projectRows(rows: RowMatrix, onto: PrincipalComponents): RowMatrix {
  const { values, count, dimensions } = rows
  const { mean, directions, variances } = onto
  if (dimensions !== mean.length) {
    throw new RangeError(`expected rows of ${mean.length} dimensions, got ${dimensions}`)
  }
  const components = variances.length
  const projected = new Float32Array(count * components)
  const centred = new Float64Array(dimensions)
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < dimensions; i++) centred[i] = values[row * dimensions + i]! - mean[i]!
    for (let component = 0; component < components; component++) {
      const from = component * dimensions
      let sum = 0
      for (let i = 0; i < dimensions; i++) sum += centred[i]! * directions[from + i]!
      projected[row * components + component] = sum
    }
  }
  return { values: projected, count, dimensions: components }
}

export function meanRow({ values, count, dimensions }: RowMatrix): Float64Array {
  const mean = new Float64Array(dimensions)
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < dimensions; i++) mean[i]! += values[row * dimensions + i]!
  }
  for (let i = 0; i < dimensions; i++) mean[i]! /= count
  return mean
}

// Rows are added four at a time: the matrix, larger than a cache, is then walked a quarter as often.
const ROWS_AT_ONCE = 4

/** Symmetric, `dimensions^2` numbers: the mean of the products of what differs from `mean`. */
export function covariance(
  { values, count, dimensions }: Omit<RowMatrix, 'values'> & Pick<Matrix, 'values'>,
  mean: Float64Array,
): Float64Array {
  const sums = new Float64Array(dimensions * dimensions)
  const [x0, x1, x2, x3] = Array.from(
    { length: ROWS_AT_ONCE },
    () => new Float64Array(dimensions),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array]
  for (let first = 0; first < count; first += ROWS_AT_ONCE) {
    for (const [lane, x] of [x0, x1, x2, x3].entries()) {
      const from = (first + lane) * dimensions
      for (let i = 0; i < dimensions; i++) {
        x[i] = first + lane < count ? values[from + i]! - mean[i]! : 0
      }
    }
    for (let i = 0; i < dimensions; i++) {
      const a0 = x0[i]!
      const a1 = x1[i]!
      const a2 = x2[i]!
      const a3 = x3[i]!
      const row = i * dimensions
      for (let j = i; j < dimensions; j++) {
        sums[row + j]! += a0 * x0[j]! + a1 * x1[j]! + a2 * x2[j]! + a3 * x3[j]!
      }
    }
  }
  for (let i = 0; i < dimensions; i++) {
    for (let j = i; j < dimensions; j++) {
      const value = sums[i * dimensions + j]! / count
      sums[i * dimensions + j] = value
      sums[j * dimensions + i] = value
    }
  }
  return sums
}
