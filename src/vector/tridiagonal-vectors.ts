import { lengthOf, scaleToUnit, takeAway } from './orthogonal.ts'
import { gaussian, type Random } from './random.ts'
import type { Tridiagonal } from './tridiagonal-values.ts'

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

/**
 * Factors T - shift I by Gauss with exchanges of neighbouring rows (dlagtf of LAPACK), for any number
 * of shifts one after the other. A pivot that is nearly 0, as it is where the shift is an eigenvalue,
 * is taken as `least`.
 */
class ShiftedTridiagonal {
  readonly #diagonal: Float64Array
  readonly #beside: Float64Array
  readonly #least: number
  readonly #pivots: Float64Array
  /** The numbers one and two places right of the pivots. */
  readonly #next: Float64Array
  readonly #second: Float64Array
  readonly #factors: Float64Array
  readonly #exchanged: Uint8Array

  constructor(diagonal: Float64Array, beside: Float64Array, least: number) {
    this.#diagonal = diagonal
    this.#beside = beside
    this.#least = least
    const size = diagonal.length
    this.#pivots = new Float64Array(size)
    this.#next = new Float64Array(size)
    this.#second = new Float64Array(size)
    this.#factors = new Float64Array(size)
    this.#exchanged = new Uint8Array(size)
  }

  factor(shift: number): void {
    const last = this.#diagonal.length - 1
    let pivot = this.#diagonal[0]! - shift
    let right = this.#beside[0]!
    for (let i = 0; i < last; i++) {
      const below = this.#beside[i]!
      const diagonal = this.#diagonal[i + 1]! - shift
      const beside = this.#beside[i + 1]!
      const exchanges = Math.abs(below) > Math.abs(pivot)
      this.#exchanged[i] = exchanges ? 1 : 0
      this.#pivots[i] = exchanges ? below : this.#notZero(pivot)
      this.#next[i] = exchanges ? diagonal : right
      this.#second[i] = exchanges ? beside : 0
      const factor = (exchanges ? pivot : below) / this.#pivots[i]!
      this.#factors[i] = factor
      pivot = (exchanges ? right : diagonal) - factor * this.#next[i]!
      right = exchanges ? -factor * beside : beside
    }
    this.#pivots[last] = this.#notZero(pivot)
  }

  /**
   * Overwrites `x` with the solution, divided by a number that keeps it from growing too large.
   * @returns the number, mostly 1.
   */
  solve(x: Float64Array): number {
    const last = x.length - 1
    let divided = 1
    for (let i = 0; i < last; i++) {
      const exchanges = this.#exchanged[i] === 1
      const own = exchanges ? x[i + 1]! : x[i]!
      const below = exchanges ? x[i]! : x[i + 1]!
      x[i] = own
      x[i + 1] = below - this.#factors[i]! * own
    }
    for (let i = last; i >= 0; i--) {
      let value = x[i]!
      if (i < last) value -= this.#next[i]! * x[i + 1]!
      if (i + 1 < last) value -= this.#second[i]! * x[i + 2]!
      x[i] = value / this.#pivots[i]!
      if (Math.abs(x[i]!) > LARGE) {
        for (let j = 0; j <= last; j++) x[j]! /= LARGE
        divided *= LARGE
      }
    }
    return divided
  }

  #notZero(pivot: number): number {
    if (Math.abs(pivot) >= this.#least) return pivot
    return pivot < 0 ? -this.#least : this.#least
  }
}
