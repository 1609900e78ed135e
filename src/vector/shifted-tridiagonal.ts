/** What a solution may grow to before it is made smaller. */
const LARGE = 1e150

/**
 * T - shift I in factors, by Gauss with exchanges of neighbouring rows (dlagtf of LAPACK), for any
 * number of shifts one after the other. A pivot that is nearly 0, as it is where the shift is an
 * eigenvalue, is taken as `least`.
 */
export class ShiftedTridiagonal {
  readonly #diagonal: Float64Array
  readonly #beside: Float64Array
  readonly #least: number
  readonly #pivots: Float64Array
  /** Right of the pivots, once and twice. */
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
