import { type EfStep, EfTuner } from './ef-tuner.ts'
import { MAX_RECALL_AGE_MS, type RecallEstimate, RecallWindow } from './recall-interval.ts'

/** Whether a graph finds the share that was promised; `unknown` until enough searches have shown it. */
export type RecallStanding = 'kept' | 'missed' | 'unknown'

/** Searches from which on a clear miss counts, then a mean that reaches the target; and beyond which more say little new. */
const FEW = 20
const SOME = 50
const ENOUGH = 100

/** The recall of one graph among searches of one kind: as it was measured of late, and whether it keeps a target. */
export class BandRecall {
  readonly #target: number
  readonly #tuner: EfTuner
  readonly #window = new RecallWindow()
  #latest: RecallEstimate | null = null
  #measuredAt = Number.NEGATIVE_INFINITY
  #outOfReach = false

  /** @param target mean recall, below 1. */
  constructor(target: number) {
    this.#target = target
    this.#tuner = new EfTuner(target)
  }

  /** The length of the candidate list that is measured. */
  get ef(): number {
    return this.#tuner.ef
  }

  /** Whether the target was missed with the largest list. */
  get outOfReach(): boolean {
    return this.#outOfReach
  }

  /**
   * Kept where the mean of 50 searches or more reaches the target, missed where the upper end of the interval of 20 or
   * more is below it; unknown an hour after the last search that was measured.
   */
  standing(now: number): RecallStanding {
    const latest = this.latest(now)
    if (latest === null) return 'unknown'
    const { recall, high, queries } = latest
    if (queries >= SOME && recall >= this.#target) return 'kept'
    return queries >= FEW && high < this.#target ? 'missed' : 'unknown'
  }

  /** Tells whether more searches should be measured at once, and not only when there is time. */
  needsMore(now: number): boolean {
    return this.#isOld(now) || (this.#latest?.queries ?? 0) < ENOUGH
  }

  /** Gives the estimate of the last search that was measured; null where there is none, or it is old. */
  latest(now: number): RecallEstimate | null {
    return this.#isOld(now) ? null : this.#latest
  }

  /** Gives the estimate of now. */
  estimate(now: number): RecallEstimate | null {
    return this.#window.estimate(now)
  }

  learn(found: number, wanted: number, now: number): EfStep {
    this.#window.add({ found, wanted }, now)
    const estimate = this.#window.estimate(now)!
    const step = this.#tuner.step(estimate)
    this.#outOfReach = step === 'out of reach'
    // What was found with another list is no measure of this one.
    if (step === 'up' || step === 'down') {
      this.forget()
      return step
    }
    this.#latest = estimate
    this.#measuredAt = now
    return step
  }

  /** Forgets what was measured; the length of the list stays what it is. */
  forget(): void {
    this.#window.clear()
    this.#latest = null
    this.#outOfReach = false
  }

  /** To be called when the graph is another: lists that were too short may do now. */
  reset(): void {
    this.forget()
    this.#tuner.reset()
  }

  #isOld(now: number): boolean {
    return now - this.#measuredAt > MAX_RECALL_AGE_MS
  }
}
