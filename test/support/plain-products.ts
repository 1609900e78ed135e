import type { RowProducts } from '../../src/vector/row-products.ts'

/** By plain loops. */
export const plainProducts: RowProducts = async (left, right) => {
  const products = new Float64Array(left.rows * right.rows)
  for (let a = 0; a < left.rows; a++) {
    for (let b = 0; b < right.rows; b++) {
      let sum = 0
      for (let i = 0; i < left.columns; i++) {
        sum += left.values[a * left.columns + i]! * right.values[b * right.columns + i]!
      }
      products[a * right.rows + b] = sum
    }
  }
  return products
}
