/**
 * The canonical squared Euclidean distance: float64 throughout, one accumulator, in index order.
 * Every exact answer is defined by this function; kernels may only use it or a proven bound of it.
 */
export function squaredEuclidean(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! - b[i]!
    sum += difference * difference
  }
  return sum
}
