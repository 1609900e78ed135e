import { lengthOf, scaleToUnit, takeAway } from './orthogonal.ts'
import { gaussian, type Random } from './random.ts'

/** A symmetric tridiagonal matrix. */
export interface Tridiagonal {
  readonly diagonal: Float64Array
  /** The numbers that row i shares with row i + 1; one for each row, of which the last is 0. */
  readonly beside: Float64Array
  /** The largest sum of magnitudes of a row. */
  readonly norm: number
}

/**
 * Finds the `wanted` largest eigenvalues, or all where there are fewer, largest first, each by bisection
 * to within a few roundings of the norm (Givens 1954; Barth, Martin and Wilkinson, Numerische
 * Mathematik 9, 1967).
 */
export function tridiagonalValues(matrix: Tridiagonal, wanted: number): Float64Array {
  const { diagonal, norm } = matrix
  const rounding = Number.EPSILON * norm
  const values = new Float64Array(Math.min(wanted, diagonal.length))
  let above = norm + 2 * rounding
  for (let place = 0; place < values.length; place++) {
    // Invariant: `place` eigenvalues at most are not below `above`, more are not below `below`.
    let below = -norm - 2 * rounding
    while (above - below > rounding) {
      const middle = (below + above) / 2
      // Between neighbouring numbers there is none.
      if (middle === below || middle === above) break
      if (diagonal.length - countBelow(matrix, middle) > place) below = middle
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

/** Eigenvectors are orthogonal by themselves where their values are this share of the norm apart. */
const APART = 0.1
/** A vector is good when T minus its eigenvalue makes it this many times the rounding of T, or less. */
const ROUNDINGS = 8
const MAX_ROUNDS = 12
/** A solution that grows beyond this is made smaller. */
const LARGE = 1e150

/**
 * Finds unit eigenvectors by inverse iteration from a random start (Parlett, The Symmetric Eigenvalue
 * Problem, section 4.9; dstein of LAPACK), where no number beside the diagonal is negligible. Where
 * eigenvalues are not far apart, each vector is made orthogonal to those before it: what is left of
 * it is the solution's part in the directions that they do not have.
 *
 * @param values eigenvalues to within a few roundings of the norm, largest first.
 * @returns row after row.
 */
export function tridiagonalVectors(
  matrix: Tridiagonal,
  values: readonly number[],
  random: Random,
): Float64Array {
  const { norm } = matrix
  const size = matrix.diagonal.length
  const vectors = new Float64Array(values.length * size)
  if (size === 1) return vectors.fill(1)
  const rounding = Number.EPSILON * norm
  const factors: Factors = {
    pivots: new Float64Array(size),
    next: new Float64Array(size),
    second: new Float64Array(size),
    factors: new Float64Array(size),
    exchanged: new Uint8Array(size),
  }
  let firstNear = 0
  for (const [at, value] of values.entries()) {
    while (values[firstNear]! - value > APART * norm) firstNear++
    const near = vectors.subarray(firstNear * size, at * size)
    const vector = vectors.subarray(at * size, (at + 1) * size)
    factor(matrix, value, rounding, factors)
    for (let i = 0; i < size; i++) vector[i] = gaussian(random)
    scaleToUnit(vector)
    // Once only turns a random start towards the eigenvector.
    solve(factors, vector)
    scaleToUnit(vector)
    for (let round = 0; ; round++) {
      if (round === MAX_ROUNDS) {
        throw new RangeError('expected eigenvalues, got one whose inverse iteration stands still')
      }
      const divided = solve(factors, vector)
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

/** What Gauss makes of T - shift I. */
interface Factors {
  readonly pivots: Float64Array
  /** The numbers one and two places right of the pivots. */
  readonly next: Float64Array
  readonly second: Float64Array
  readonly factors: Float64Array
  readonly exchanged: Uint8Array
}

/**
 * Factors T - shift I by Gauss with exchanges of neighbouring rows (dlagtf of LAPACK). A pivot that is
 * nearly 0, as it is where the shift is an eigenvalue, is taken as `least`.
 */
function factor(
  { diagonal, beside }: Tridiagonal,
  shift: number,
  least: number,
  { pivots, next, second, factors, exchanged }: Factors,
): void {
  const last = diagonal.length - 1
  const notZero = (pivot: number) => (Math.abs(pivot) >= least ? pivot : pivot < 0 ? -least : least)
  let pivot = diagonal[0]! - shift
  let right = beside[0]!
  for (let i = 0; i < last; i++) {
    const below = beside[i]!
    const diagonalBelow = diagonal[i + 1]! - shift
    const besideBelow = beside[i + 1]!
    const exchanges = Math.abs(below) > Math.abs(pivot)
    exchanged[i] = exchanges ? 1 : 0
    pivots[i] = exchanges ? below : notZero(pivot)
    next[i] = exchanges ? diagonalBelow : right
    second[i] = exchanges ? besideBelow : 0
    factors[i] = (exchanges ? pivot : below) / pivots[i]!
    pivot = (exchanges ? right : diagonalBelow) - factors[i]! * next[i]!
    right = exchanges ? -factors[i]! * besideBelow : besideBelow
  }
  pivots[last] = notZero(pivot)
}

/**
 * Overwrites `x` with the solution, divided by a number that keeps it from growing too large.
 * @returns the number, mostly 1.
 */
function solve({ pivots, next, second, factors, exchanged }: Factors, x: Float64Array): number {
  const last = x.length - 1
  let divided = 1
  for (let i = 0; i < last; i++) {
    const own = exchanged[i] === 1 ? x[i + 1]! : x[i]!
    const below = exchanged[i] === 1 ? x[i]! : x[i + 1]!
    x[i] = own
    x[i + 1] = below - factors[i]! * own
  }
  for (let i = last; i >= 0; i--) {
    let value = x[i]!
    if (i < last) value -= next[i]! * x[i + 1]!
    if (i + 1 < last) value -= second[i]! * x[i + 2]!
    x[i] = value / pivots[i]!
    if (Math.abs(x[i]!) > LARGE) {
      for (let j = 0; j <= last; j++) x[j]! /= LARGE
      divided *= LARGE
    }
  }
  return divided
}
