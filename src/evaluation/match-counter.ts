/** Finds the ranks of one query's matches, in memory that all queries share. */
export class MatchCounter {
  readonly #matches: Uint32Array
  readonly #nearest: Float64Array
  /** How many other rows come before this match, but not before an earlier one. */
  readonly #ahead: Uint32Array

  constructor(galleryCount: number) {
    this.#matches = new Uint32Array(galleryCount)
    this.#nearest = new Float64Array(galleryCount)
    this.#ahead = new Uint32Array(galleryCount)
  }

  /**
   * @param distances of the query to the rows; squared ones give the same ranks.
   * @returns from 1, ascending; good until the next call.
   */
  ranks(
    distances: Float64Array,
    classes: Int32Array,
    wanted: number,
    isLeftOut: (row: number) => boolean,
  ): Uint32Array {
    let found = 0
    for (let row = 0; row < classes.length; row++) {
      if (classes[row] === wanted && !isLeftOut(row)) this.#matches[found++] = row
    }
    const matches = this.#matches.subarray(0, found)
    matches.sort((a, b) => distances[a]! - distances[b]! || a - b)
    const nearest = this.#nearest.subarray(0, found)
    for (let i = 0; i < found; i++) nearest[i] = distances[matches[i]!]!
    const ranks = this.#ahead.subarray(0, found).fill(0)
    const farthest = nearest[found - 1] ?? -1
    for (let row = 0; row < classes.length; row++) {
      const distance = distances[row]!
      if (distance > farthest || classes[row] === wanted) continue
      const behind = firstBehind(nearest, matches, distance, row)
      if (behind < found) ranks[behind]!++
    }
    let rank = 0
    for (let i = 0; i < found; i++) {
      rank += ranks[i]! + 1
      ranks[i] = rank
    }
    return ranks
  }
}

/** The first match that comes after (distance, row) in the order of distance, then row. */
function firstBehind(
  nearest: Float64Array,
  matches: Uint32Array,
  distance: number,
  row: number,
): number {
  let low = 0
  let high = nearest.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = nearest[middle]!
    if (other < distance || (other === distance && matches[middle]! < row)) low = middle + 1
    else high = middle
  }
  return low
}
