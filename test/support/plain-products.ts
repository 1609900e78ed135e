import type { RowProducts } from '../../src/vector/row-matrix.ts'

/** By plain loops. */
export const plainProducts: RowProducts = async (left, right) => {
  const { dimensions } = left
  const products = new Float64Array(left.count * right.count)
  for (let a = 0; a < left.count; a++) {
    for (let b = 0; b < right.count; b++) {
      let sum = 0
      for (let i = 0; i < dimensions; i++) {
        sum += left.values[a * dimensions + i]! * right.values[b * dimensions + i]!
      }
      products[a * right.count + b] = sum
    }
  }
  return { values: products, count: left.count, dimensions: right.count }
}
