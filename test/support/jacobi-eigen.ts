/**
 * Eigenvalues of a symmetric matrix, largest first, by Jacobi's rotations: slow, simple and accurate,
 * for comparison.
 */
export function jacobiValues(matrix: Float64Array, size: number): number[] {
  const a = matrix.slice()
  const at = (i: number, j: number) => a[i * size + j]!
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (at(p, q) === 0) continue
        const angle = 0.5 * Math.atan2(2 * at(p, q), at(p, p) - at(q, q))
        const [c, s] = [Math.cos(angle), Math.sin(angle)]
        for (let k = 0; k < size; k++) {
          const [x, y] = [at(k, p), at(k, q)]
          a[k * size + p] = c * x + s * y
          a[k * size + q] = c * y - s * x
        }
        for (let k = 0; k < size; k++) {
          const [x, y] = [at(p, k), at(q, k)]
          a[p * size + k] = c * x + s * y
          a[q * size + k] = c * y - s * x
        }
      }
    }
  }
  return Array.from({ length: size }, (_, i) => at(i, i)).sort((x, y) => y - x)
}
