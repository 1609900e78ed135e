import type { RowMatrix } from '../../src/vector/row-matrix.ts'

/** Rows scaled to unit length. */
export function unitFeatures(numbers: Float32Array, dimensions: number): RowMatrix {
  const count = numbers.length / dimensions
  const values = Float32Array.from(numbers, (value, place) => {
    const from = Math.floor(place / dimensions) * dimensions
    return value / Math.hypot(...numbers.subarray(from, from + dimensions))
  })
  return { values, count, dimensions }
}
