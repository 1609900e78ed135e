/** The recall of one query: the share of the exact answer that was found. */
export interface RecallResult {
  readonly found: number
  /** Length of the exact answer, at least 1. */
  readonly wanted: number
}

export interface RecallEstimate {
  /** Mean over queries, and its 95 % confidence interval. */
  readonly recall: number
  readonly low: number
  readonly high: number
  readonly queries: number
}

const Z = 1.959964

/**
 * Estimates the mean recall of queries with Wilson's score interval (Probable inference, JASA 1927). The neighbours of one
 * query are found or missed together, so that they do not count one by one: the interval takes the effective
 * number of trials by the design effect (Kish, Survey Sampling, 1965), as Franco, Little, Louis and Slud recommend
 * (Comparative study of confidence intervals for proportions in complex sample surveys, JSSAM 2019). Where all queries are equal the
 * effect is unknown, and a query counts as one trial.
 *
 * @returns null without queries.
 */
export function estimateRecall(results: readonly RecallResult[]): RecallEstimate | null {
  const queries = results.length
  if (queries === 0) return null
  let sum = 0
  let neighbours = 0
  for (const { found, wanted } of results) {
    sum += found / wanted
    neighbours += wanted
  }
  const recall = Math.min(1, sum / queries)
  let squares = 0
  for (const { found, wanted } of results) squares += (found / wanted - recall) ** 2
  const trials =
    squares === 0
      ? queries
      : Math.min(neighbours, (recall * (1 - recall) * queries * queries) / squares)
  return { recall, ...wilson(recall, trials), queries }
}

function wilson(share: number, trials: number): { low: number; high: number } {
  const z2 = Z * Z
  const middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
  const half =
    (Z / (1 + z2 / trials)) * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials))
  // Rounding must not put a bound beyond what it bounds.
  return {
    low: Math.max(0, Math.min(share, middle - half)),
    high: Math.min(1, Math.max(share, middle + half)),
  }
}

const LONGEST = 400
export const MAX_RECALL_AGE_MS = 3_600_000

/** The newest results, up to 400 of them and none older than an hour. */
export class RecallWindow {
  #results: (RecallResult & { readonly at: number })[] = []

  /** @param at milliseconds of a clock that never goes back. */
  add(result: RecallResult, at: number): void {
    this.#results.push({ ...result, at })
    if (this.#results.length > LONGEST) this.#results.shift()
  }

  estimate(now: number): RecallEstimate | null {
    this.#results = this.#results.filter(({ at }) => now - at <= MAX_RECALL_AGE_MS)
    return estimateRecall(this.#results)
  }

  clear(): void {
    this.#results = []
  }
}
