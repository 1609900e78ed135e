/** Distances of one query that are not quite canonical. */
export interface RoughRow {
  /** None is further than this from its canonical value. */
  readonly within: number
  canonical(row: number): number
}

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
   * @param rough where they are not canonical: those that could stand on either side of a match are
   * replaced, and so are the matches'.
   * @returns from 1, ascending; good until the next call.
   */
  ranks(
    distances: Float64Array,
    classes: Int32Array,
    wanted: number,
    isLeftOut: (row: number) => boolean,
    rough: RoughRow | null = null,
  ): Uint32Array {
    let found = 0
    for (let row = 0; row < classes.length; row++) {
      if (classes[row] === wanted && !isLeftOut(row)) this.#matches[found++] = row
    }
    const matches = this.#matches.subarray(0, found)
    let nearest = this.#sorted(matches, distances)
    if (rough !== null && settle(distances, { classes, wanted, matches, nearest }, rough)) {
      nearest = this.#sorted(matches, distances)
    }
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

  /** Puts matches in order. @returns their distances. */
  #sorted(matches: Uint32Array, distances: Float64Array): Float64Array {
    matches.sort((a, b) => distances[a]! - distances[b]! || a - b)
    const nearest = this.#nearest.subarray(0, matches.length)
    for (let i = 0; i < matches.length; i++) nearest[i] = distances[matches[i]!]!
    return nearest
  }
}

interface SortedMatches {
  readonly classes: Int32Array
  readonly wanted: number
  readonly matches: Uint32Array
  readonly nearest: Float64Array
}

/**
 * Where a row of another class is so near to a match that their order could be another, both become
 * canonical. @returns whether there was any.
 */
function settle(
  distances: Float64Array,
  { classes, wanted, matches, nearest }: SortedMatches,
  { within, canonical }: RoughRow,
): boolean {
  // Either may be off.
  const apart = 2 * within
  const farthest = (nearest[nearest.length - 1] ?? Number.NEGATIVE_INFINITY) + apart
  let isUnsettled = false
  for (let row = 0; row < classes.length; row++) {
    const distance = distances[row]!
    if (distance > farthest || classes[row] === wanted) continue
    const behind = firstBehind(nearest, matches, distance - apart, -1)
    if (nearest[behind]! > distance + apart) continue
    distances[row] = canonical(row)
    isUnsettled = true
  }
  if (isUnsettled) for (const match of matches) distances[match] = canonical(match)
  return isUnsettled
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
