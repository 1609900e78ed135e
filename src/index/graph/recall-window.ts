import { estimateRecall, type RecallEstimate, type RecallResult } from './recall-interval.ts'

const LONGEST = 400

/** The newest results, up to 400 of them and none older than an hour. */
export class RecallWindow {
  #results: (RecallResult & { readonly at: number })[] = []

  /** @param at milliseconds of a clock that never goes back. */
  add(result: RecallResult, at: number): void {
    this.#results.push({ ...result, at })
    if (this.#results.length > LONGEST) this.#results.shift()
  }

  estimate(now: number): RecallEstimate | null {
    this.#results = this.#results.filter(({ at }) => now - at <= MAX_AGE_MS)
    return estimateRecall(this.#results)
  }

  clear(): void {
    this.#results = []
  }
}

const MAX_AGE_MS = 3_600_000
