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
      const solved = length(vector)
      takeAway(near, vector)
      // What was mostly taken away is left with the rounding of what went.
      const left = length(vector)
      if (left < solved / 2) takeAway(near, vector)
      const growth = scaleToUnit(vector) * divided
      if (growth * ROUNDINGS * Math.sqrt(size) * rounding >= 1 && left > solved / 1024) break
    }
  }
  return vectors
}

/** What `vector` has of unit rows that are orthogonal to each other. Four of them share its reading. */
function takeAway(rows: Float64Array, vector: Float64Array): void {
  const size = vector.length
  const end = rows.length
  let first = 0
  for (; first + 4 * size <= end; first += 4 * size) {
    const [second, third, fourth] = [first + size, first + 2 * size, first + 3 * size]
    let [g0, g1, g2, g3] = [0, 0, 0, 0]
    for (let i = 0; i < size; i++) {
      const x = vector[i]!
      g0 += x * rows[first + i]!
      g1 += x * rows[second + i]!
      g2 += x * rows[third + i]!
      g3 += x * rows[fourth + i]!
    }
    for (let i = 0; i < size; i++) {
      vector[i]! -=
        g0 * rows[first + i]! +
        g1 * rows[second + i]! +
        (g2 * rows[third + i]! + g3 * rows[fourth + i]!)
    }
  }
  for (; first < end; first += size) {
    let g = 0
    for (let i = 0; i < size; i++) g += vector[i]! * rows[first + i]!
    for (let i = 0; i < size; i++) vector[i]! -= g * rows[first + i]!
  }
}

function length(vector: Float64Array): number {
  let squared = 0
  for (let i = 0; i < vector.length; i++) squared += vector[i]! * vector[i]!
  return Math.sqrt(squared)
}

/** @returns what the length was. */
function scaleToUnit(vector: Float64Array): number {
  const before = length(vector)
  for (let i = 0; i < vector.length; i++) vector[i]! /= before
  return before
}
