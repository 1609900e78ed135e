import { largestComponent } from './largest-component.ts'
import { transposed } from './matrix-product.ts'
import type { PrincipalComponents } from './principal-components.ts'
import type { RowMatrix } from './row-matrix.ts'
import type { RowProducts } from './row-products.ts'
import { symmetricEigen } from './symmetric-eigen.ts'

// A direction is the quotient of two numbers of about the root of its variance: below this share of
// the largest variance too few digits are left.
export const LEAST_SHARE = 1e-8

/**
 * Principal components by the products of rows with each other (Turk and Pentland 1991): where u is
 * a unit eigenvector of Xc Xc^T, Xc^T u points along a component.
 *
 * @param components below the number of rows.
 * @returns null where the rows have fewer directions than asked for, to be told from rounding.
 */
export async function gramComponents(
  rows: RowMatrix,
  mean: Float64Array,
  components: number,
  products: RowProducts,
): Promise<Omit<PrincipalComponents, 'mean'> | null> {
  const { count, dimensions } = rows
  const centred = centredRows(rows, mean)
  const combined = { values: centred, rows: count, columns: dimensions }
  const gram = await products(combined, combined)
  const { values, vectors } = await symmetricEigen(gram, count, components, products)
  if (!(values[components - 1]! > LEAST_SHARE * values[0]!)) return null
  const weights = { values: vectors, rows: components, columns: count }
  const columns = { values: transposed(combined), rows: dimensions, columns: count }
  const directions = await products(weights, columns)
  for (let k = 0; k < components; k++) {
    makeUnit(directions.subarray(k * dimensions, (k + 1) * dimensions))
  }
  return { directions, variances: values.map((value) => value / count) }
}

/** What differs from `mean`, row after row. */
export function centredRows(
  { values, count, dimensions }: RowMatrix,
  mean: Float64Array,
): Float64Array {
  const centred = new Float64Array(values.length)
  for (let row = 0; row < count; row++) {
    const from = row * dimensions
    for (let i = 0; i < dimensions; i++) centred[from + i] = values[from + i]! - mean[i]!
  }
  return centred
}

/** Of length one, the component of largest magnitude positive: as symmetricEigen gives them. */
function makeUnit(direction: Float64Array): void {
  let squared = 0
  for (const value of direction) squared += value * value
  const scale = (largestComponent(direction) < 0 ? -1 : 1) / Math.sqrt(squared)
  for (let i = 0; i < direction.length; i++) direction[i]! *= scale
}
