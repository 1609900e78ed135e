import { choleskyFactor, invertLower } from './cholesky.ts'
import { transposed } from './matrix-product.ts'
import type { RowProducts } from './row-products.ts'

/** Below it there is little to gain by products. */
const SMALL = 96

/**
 * The inverse of the lower triangle L with L L^T = `matrix`, in float64. The matrix is halved until it
 * is small, so that nearly all of the work is products of large blocks.
 *
 * @param matrix `size * size` numbers, symmetric and positive definite; left as it is.
 * @throws RangeError where it is not positive definite.
 */
export async function inverseFactor(
  matrix: Float64Array,
  size: number,
  products: RowProducts,
): Promise<Float64Array> {
  if (size <= SMALL) return invertLower(choleskyFactor(matrix, size), size)
  const first = size >> 1
  const second = size - first
  const block = (row: number, column: number, rows: number, columns: number) => {
    const values = new Float64Array(rows * columns)
    for (let i = 0; i < rows; i++) {
      const from = (row + i) * size + column
      values.set(matrix.subarray(from, from + columns), i * columns)
    }
    return values
  }
  const upper = await inverseFactor(block(0, 0, first, first), first, products)
  const square = { values: upper, rows: first, columns: first }
  // What of L is beside its upper half: the matrix's part there times the upper inverse, turned.
  const beside = {
    values: await products(
      { values: block(first, 0, second, first), rows: second, columns: first },
      square,
    ),
    ...{ rows: second, columns: first },
  }
  const taken = await products(beside, beside)
  const left = block(first, first, second, second).map((value, i) => value - taken[i]!)
  const lower = await inverseFactor(left, second, products)
  const half = await products(
    { values: lower, rows: second, columns: second },
    { values: transposed(beside), rows: first, columns: second },
  )
  const corner = await products(
    { values: half, rows: second, columns: first },
    { ...square, values: transposed(square) },
  )
  const inverse = new Float64Array(size * size)
  for (let i = 0; i < first; i++) {
    inverse.set(upper.subarray(i * first, (i + 1) * first), i * size)
  }
  for (let i = 0; i < second; i++) {
    const row = (first + i) * size
    for (let j = 0; j < first; j++) inverse[row + j] = -corner[i * first + j]!
    inverse.set(lower.subarray(i * second, (i + 1) * second), row + first)
  }
  return inverse
}
