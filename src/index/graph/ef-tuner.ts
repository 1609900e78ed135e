import type { RecallEstimate } from './recall-interval.ts'

/** Sizes of the candidate list that are tried; each step up costs about a third more time. */
const LADDER = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024]
const FIRST = 64
/** Queries after which a clearly low recall is acted on, and after which the interval decides. */
const FEW = 20
const ENOUGH = 100
/** Down only where the lower end is above the target by this share of what is left to 1. */
const COMFORT = 0.5
/** Results after which a size that was too small may be tried again: the data may have changed. */
const FORGET_AFTER = 4000

export type EfStep = 'up' | 'down' | 'stay' | 'out of reach'

/**
 * Finds the smallest candidate list whose recall is known to reach the target: up when the lower end of the
 * interval is below it, down when comfortably above; never down again to a size that was too small.
 */
export class EfTuner {
  readonly #target: number
  #rung = LADDER.indexOf(FIRST)
  /** The highest rung that was too low. */
  #failed = -1
  #sinceFailure = 0

  /** @param target mean recall, below 1. */
  constructor(target: number) {
    this.#target = target
  }

  get ef(): number {
    return LADDER[this.#rung]!
  }

  /** To be called after each result, with an estimate of the results at this `ef` only: a step begins a new one. */
  step(estimate: RecallEstimate): EfStep {
    if (++this.#sinceFailure > FORGET_AFTER) this.#failed = -1
    const { low, high, queries } = estimate
    const target = this.#target
    const clearlyLow = queries >= FEW && high < target
    if (clearlyLow || (queries >= ENOUGH && low < target)) {
      if (this.#rung === LADDER.length - 1) return clearlyLow ? 'out of reach' : 'stay'
      this.#failed = this.#rung
      this.#sinceFailure = 0
      this.#rung++
      return 'up'
    }
    const comfortable = low >= target + (1 - target) * COMFORT
    if (queries >= ENOUGH && comfortable && this.#rung - 1 > this.#failed) {
      this.#rung--
      return 'down'
    }
    return 'stay'
  }

  /** To be called when the graph is another: what failed may do now. */
  reset(): void {
    this.#failed = -1
  }
}

/** Gives the size of the list for `k`: deep answers need more room, less than in proportion. Never below 1.25 k. */
export function efFor(tuned: number, k: number): number {
  return Math.ceil(Math.max(tuned * Math.sqrt(Math.max(1, k / 10)), 1.25 * k))
}
