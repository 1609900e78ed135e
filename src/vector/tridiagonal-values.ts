/** A symmetric tridiagonal matrix. */
export interface Tridiagonal {
  readonly diagonal: Float64Array
  /** The numbers that row i shares with row i + 1, as many as on the diagonal; the last is 0. */
  readonly beside: Float64Array
  /** The largest sum of magnitudes of a row. */
  readonly norm: number
}

/**
 * Finds the largest eigenvalues, largest first, each by bisection to within a few roundings of the norm
 * (Givens 1954; Barth, Martin and Wilkinson, Numerische Mathematik 9, 1967).
 *
 * @param wanted at most as many as the matrix has rows.
 */
export function tridiagonalValues(matrix: Tridiagonal, wanted: number): Float64Array {
  const { diagonal, norm } = matrix
  const size = diagonal.length
  const rounding = Number.EPSILON * norm
  const values = new Float64Array(wanted)
  let above = norm + 2 * rounding
  for (let place = 0; place < wanted; place++) {
    // Invariant: `place` eigenvalues at most are not below `above`, more are not below `below`.
    let below = -norm - 2 * rounding
    while (above - below > rounding) {
      const middle = (below + above) / 2
      // Between neighbouring numbers there is none.
      if (middle === below || middle === above) break
      if (size - countBelow(matrix, middle) > place) below = middle
      else above = middle
    }
    // The next one starts from here, so that none is larger than the one before.
    values[place] = above
  }
  return values
}

/** Counts the eigenvalues below `x`: the negative pivots of T - x I (Sylvester's law of inertia). */
function countBelow({ diagonal, beside, norm }: Tridiagonal, x: number): number {
  // Keeps the next pivot from being infinite over infinite.
  const least = Number.MIN_VALUE + Number.EPSILON ** 2 * norm
  let count = 0
  let pivot = 1
  let shared = 0
  for (let i = 0; i < diagonal.length; i++) {
    pivot = diagonal[i]! - x - (shared * shared) / pivot
    if (Math.abs(pivot) < least) pivot = -least
    if (pivot < 0) count++
    shared = beside[i]!
  }
  return count
}
