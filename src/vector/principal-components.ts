import { gramComponents } from './gram-components.ts'
import type { RowMatrix } from './row-matrix.ts'
import type { RowProducts } from './row-products.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

export interface PrincipalComponents {
  readonly mean: Float64Array
  /** Orthonormal directions, row after row, `mean.length` numbers each; largest variance first. */
  readonly directions: Float64Array
  /** Variance along each direction (divided by the number of rows), never below 0. */
  readonly variances: Float64Array
}

/** What takes long. */
interface LargeSums {
  /** Of the rows about their mean, dimensions^2 numbers; asked for where it is needed. */
  readonly covariance: () => Promise<Float64Array>
  readonly products: RowProducts
}

/**
 * Principal component analysis in float64, by the eigenvectors of the covariance, or of the smaller
 * matrix of all products of rows where there are fewer rows than dimensions. With n the smaller of
 * both, needs 16 n^2 bytes, and time of the order of n^3: a second where both are above 1,000.
 *
 * @param components directions wanted, 1 to `rows.dimensions`. Beyond the rank of the data they are
 * orthonormal still, with a variance of about 0.
 */
export async function principalComponents(
  rows: RowMatrix,
  components: number,
  { covariance, products }: LargeSums,
): Promise<PrincipalComponents> {
  const { count, dimensions } = rows
  if (count < 1) throw new RangeError('expected at least one row, got none')
  if (!Number.isInteger(components) || components < 1 || components > dimensions) {
    throw new RangeError(`expected 1 to ${dimensions} components, got ${components}`)
  }
  const mean = meanRow(rows)
  const short = hasFewRows(rows, components)
    ? await gramComponents(rows, mean, components, products)
    : null
  if (short !== null) return { mean, ...short }
  const { values, vectors } = await symmetricEigen(
    await covariance(),
    dimensions,
    components,
    products,
  )
  return {
    mean,
    directions: vectors,
    variances: values.map((value) => Math.max(0, value)),
  }
}

/** Whether products of rows are the smaller matrix, and enough for the components. */
export function hasFewRows(
  { count, dimensions }: Omit<RowMatrix, 'values'>,
  components: number,
): boolean {
  return components < count && count < dimensions
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
