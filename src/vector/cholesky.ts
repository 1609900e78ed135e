/**
 * The lower triangle L with L L^T = `matrix`, by Cholesky and row by row, in float64; size^3 / 6
 * products.
 *
 * @param matrix `size * size` numbers, symmetric and positive definite; left as it is.
 * @throws RangeError where it is not positive definite.
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

/** The inverse of a lower triangle, a lower triangle again; size^3 / 6 products. */
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
