import { type Matrix, matrixOf, type RowProducts, rowOf, transposed } from './row-matrix.ts'

/** Below this size there is little to gain by products. */
const SMALL = 96

/**
 * Finds the inverse of the lower triangle L with L L^T = `matrix`, in float64. The matrix is halved
 * until it is small, so that nearly all of the work is products of large blocks.
 *
 * @param matrix square, symmetric and positive definite; left as it is.
 * @throws RangeError where it is not positive definite.
 */
export async function inverseFactor(
  matrix: Matrix<Float64Array>,
  products: RowProducts,
): Promise<Matrix<Float64Array>> {
  const { values, count: size } = matrix
  if (size <= SMALL) return matrixOf(invertLower(choleskyFactor(values, size), size), size)
  const first = size >> 1
  const second = size - first
  const block = (row: number, column: number, rows: number, columns: number) => {
    const copy = new Float64Array(rows * columns)
    for (let i = 0; i < rows; i++) {
      copy.set(rowOf(matrix, row + i).subarray(column, column + columns), i * columns)
    }
    return matrixOf(copy, columns)
  }
  const upper = await inverseFactor(block(0, 0, first, first), products)
  // What of L is beside its upper half: the matrix's part there times the upper inverse, turned.
  const beside = await products(block(first, 0, second, first), upper)
  const taken = await products(beside, beside)
  const left = block(first, first, second, second)
  for (let i = 0; i < taken.values.length; i++) left.values[i]! -= taken.values[i]!
  const lower = await inverseFactor(left, products)
  const half = await products(lower, transposed(beside))
  const corner = await products(half, transposed(upper))
  const inverse = new Float64Array(size * size)
  for (let i = 0; i < first; i++) inverse.set(rowOf(upper, i), i * size)
  for (let i = 0; i < second; i++) {
    const row = (first + i) * size
    for (let j = 0; j < first; j++) inverse[row + j] = -corner.values[i * first + j]!
    inverse.set(rowOf(lower, i), row + first)
  }
  return matrixOf(inverse, size)
}

/**
 * Finds the lower triangle L with L L^T = `matrix`, by Cholesky and row by row; size^3 / 6 products.
 *
 * @param matrix `size * size` numbers, as inverseFactor takes them.
 */
export function choleskyFactor(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const [rowI, rowJ] = [i * size, j * size]
      let sum = matrix[rowI + j]!
      for (let k = 0; k < j; k++) sum -= lower[rowI + k]! * lower[rowJ + k]!
      if (i !== j) {
        lower[rowI + j] = sum / lower[rowJ + j]!
        continue
      }
      if (!(sum > 0)) {
        throw new RangeError(`expected a positive definite matrix, got a pivot of ${sum} at ${i}`)
      }
      lower[rowI + i] = Math.sqrt(sum)
    }
  }
  return lower
}

/** Inverts a lower triangle; the inverse is one again. size^3 / 6 products. */
export function invertLower(lower: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    const row = inverse.subarray(i * size, i * size + i + 1)
    for (let k = 0; k < i; k++) {
      const factor = lower[i * size + k]!
      const other = k * size
      for (let j = 0; j <= k; j++) row[j]! -= factor * inverse[other + j]!
    }
    const pivot = lower[i * size + i]!
    for (let j = 0; j < i; j++) row[j]! /= pivot
    row[i] = 1 / pivot
  }
  return inverse
}
