import { lengthOf, scaleToUnit, takeAway } from './orthogonal.ts'
import { gaussian, type Random } from './random.ts'
import { ShiftedTridiagonal } from './shifted-tridiagonal.ts'
import type { Tridiagonal } from './tridiagonal-values.ts'

/** Of the norm: eigenvectors of eigenvalues that are further apart come out orthogonal by themselves. */
const APART = 0.1
/** A vector is good when T minus its eigenvalue makes it this many times the rounding of T, or less. */
const ROUNDINGS = 8
const MAX_ROUNDS = 12

/**
 * Unit eigenvectors by inverse iteration from a random start (Parlett, The Symmetric Eigenvalue
 * Problem, section 4.9; dstein of LAPACK), where no number beside the diagonal is negligible. Where eigenvalues are not far apart, each
 * vector is made orthogonal to those before it: what is left of it is the solution's part in the
 * directions that they do not have.
 *
 * @param values eigenvalues to within a few roundings of the norm, largest first.
 * @returns row after row.
 */
export function tridiagonalVectors(
  { diagonal, beside, norm }: Tridiagonal,
  values: Float64Array,
  random: Random,
): Float64Array {
  const size = diagonal.length
  const vectors = new Float64Array(values.length * size)
  if (size === 1) return vectors.fill(1)
  const rounding = Number.EPSILON * norm
  const shifted = new ShiftedTridiagonal(diagonal, beside, rounding)
  let firstNear = 0
  for (const [at, value] of values.entries()) {
    while (values[firstNear]! - value > APART * norm) firstNear++
    const near = vectors.subarray(firstNear * size, at * size)
    const vector = vectors.subarray(at * size, (at + 1) * size)
    shifted.factor(value)
    for (let i = 0; i < size; i++) vector[i] = gaussian(random)
    scaleToUnit(vector)
    // Once only turns a random start towards the eigenvector.
    shifted.solve(vector)
    scaleToUnit(vector)
    for (let round = 0; ; round++) {
      if (round === MAX_ROUNDS) {
        throw new RangeError('expected eigenvalues, got one whose inverse iteration stands still')
      }
      const divided = shifted.solve(vector)
      const solved = lengthOf(vector)
      takeAway(near, vector)
      // What was mostly taken away is left with the rounding of what went.
      const left = lengthOf(vector)
      if (left < solved / 2) takeAway(near, vector)
      const growth = scaleToUnit(vector) * divided
      if (growth * ROUNDINGS * Math.sqrt(size) * rounding >= 1 && left > solved / 1024) break
    }
  }
  return vectors
}
