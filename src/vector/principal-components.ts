import { lengthOf, turnPositive } from './orthogonal.ts'
import {
  type Matrix,
  matrixOf,
  type RowMatrix,
  type RowProducts,
  rowOf,
  transposed,
} from './row-matrix.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

export interface PrincipalComponents {
  readonly mean: Float64Array
  /** Orthonormal directions, row after row, `mean.length` numbers each; largest variance first. */
  readonly directions: Float64Array
  /** Variance along each direction (divided by the number of rows), never below 0. */
  readonly variances: Float64Array
}

/**
 * The least share of the largest variance that a direction may have. It is the quotient of two numbers
 * of about the root of its variance, so that below too few digits are left.
 */
export const LEAST_SHARE = 1e-8

/**
 * Finds principal components in float64, by the eigenvectors of the covariance, or of the smaller
 * matrix of all products of rows where there are fewer rows than dimensions. With n the smaller of
 * both, it needs 16 n^2 bytes, and time of the order of n^3: a second where both are above 1,000.
 *
 * @param components the number of directions, 1 to `rows.dimensions`. Beyond the rank of the data
 * they are orthonormal still, with a variance of about 0.
 * @param large.covariance gives the covariance of the rows, dimensions^2 numbers, where it is needed.
 */
export async function principalComponents(
  rows: RowMatrix,
  components: number,
  large: { readonly covariance: () => Promise<Float64Array>; readonly products: RowProducts },
): Promise<PrincipalComponents> {
  const { count, dimensions } = rows
  if (count < 1) throw new RangeError('expected at least one row, got none')
  if (!Number.isInteger(components) || components < 1 || components > dimensions) {
    throw new RangeError(`expected 1 to ${dimensions} components, got ${components}`)
  }
  const mean = meanRow(rows)
  const { covariance, products } = large
  if (hasFewRows(rows, components)) {
    const byRows = await gramComponents(rows, mean, components, products)
    if (byRows !== null) return { mean, ...byRows }
  }
  const matrix = matrixOf(await covariance(), dimensions)
  const { values, vectors } = await symmetricEigen(matrix, components, products)
  const variances = values.map((value) => Math.max(0, value))
  return { mean, directions: vectors.values, variances }
}

/** Tells whether the products of rows are the smaller matrix, and enough for the components. */
export function hasFewRows({ count, dimensions }: RowMatrix, components: number): boolean {
  return components < count && count < dimensions
}

/**
 * Finds principal components by the products of rows with each other (Turk and Pentland 1991): where
 * u is a unit eigenvector of Xc Xc^T, Xc^T u points along a component.
 *
 * @param components below the number of rows.
 * @returns null where fewer directions than `components` stand out from rounding.
 */
async function gramComponents(
  rows: RowMatrix,
  mean: Float64Array,
  components: number,
  products: RowProducts,
): Promise<Omit<PrincipalComponents, 'mean'> | null> {
  const centred = centredRows(rows, mean)
  const gram = await products(centred, centred)
  const { values, vectors } = await symmetricEigen(gram, components, products)
  if (!(values[components - 1]! > LEAST_SHARE * values[0]!)) return null
  const directions = await products(vectors, transposed(centred))
  for (let k = 0; k < components; k++) {
    const direction = rowOf(directions, k)
    const scale = 1 / lengthOf(direction)
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale
    turnPositive(direction)
  }
  return { directions: directions.values, variances: values.map((value) => value / rows.count) }
}

export function meanRow({ values, count, dimensions }: RowMatrix): Float64Array {
  const mean = new Float64Array(dimensions)
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < dimensions; i++) mean[i]! += values[row * dimensions + i]!
  }
  for (let i = 0; i < dimensions; i++) mean[i]! /= count
  return mean
}

/** Takes `mean` from each row. */
export function centredRows(rows: RowMatrix, mean: Float64Array): Matrix<Float64Array> {
  const { values, count, dimensions } = rows
  const centred = new Float64Array(values.length)
  for (let row = 0; row < count; row++) {
    const from = row * dimensions
    for (let i = 0; i < dimensions; i++) centred[from + i] = values[from + i]! - mean[i]!
  }
  return { ...rows, values: centred }
}
