/** The lowest of many scores in order, each with the identities that it is of, to find thresholds under weights. */
export class LowestScores {
  /** Ascending. */
  readonly values: Float64Array
  readonly #owners: Int32Array
  readonly #others: Int32Array | null

  /**
   * @param share of the scores that is kept, and all that tie with the last.
   * @param others the other identity of each score; null where the score is of one alone.
   */
  constructor(scores: Float64Array, owners: Int32Array, others: Int32Array | null, share: number) {
    const sorted = scores.slice().sort()
    const last = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share))] ?? 0
    const places: number[] = []
    for (let i = 0; i < scores.length; i++) if (scores[i]! <= last) places.push(i)
    places.sort((a, b) => scores[a]! - scores[b]!)
    this.values = Float64Array.from(places, (i) => scores[i]!)
    this.#owners = Int32Array.from(places, (i) => owners[i]!)
    this.#others = others && Int32Array.from(places, (i) => others[i]!)
  }

  /**
   * Finds the largest score up to which, inclusive, scores of at most `most` weight lie; null where that is none.
   * @param weights of the identities; a score of two has the product of theirs.
   */
  threshold(weights: ArrayLike<number>, most: number): number | null {
    const { values } = this
    let sum = 0
    let threshold: number | null = null
    for (let i = 0; i < values.length; i++) {
      const other = this.#others === null ? 1 : weights[this.#others[i]!]!
      sum += weights[this.#owners[i]!]! * other
      if (sum > most) return threshold
      if (values[i + 1] !== values[i]) threshold = values[i]!
    }
    return threshold
  }
}
