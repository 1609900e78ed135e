import { MatchPlaces } from './match-places.ts'

/** Distances of one query that are not quite canonical. */
export interface RoughRow {
  /** None is further than this from its canonical value. */
  readonly within: number
  canonical(row: number): number
}

/** Which rows are the query's matches. */
interface Asked {
  readonly classes: Int32Array
  readonly wanted: number
}

/** Finds the ranks of one query's matches, in memory that all queries share. */
export class MatchCounter {
  readonly #matches: Uint32Array
  readonly #nearest: Float64Array
  /** How many other rows come before this match, but not before an earlier one. */
  readonly #ahead: Uint32Array
  readonly #places = new MatchPlaces()

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
    const asked = { classes, wanted }
    this.#sort(matches, distances)
    // Both a match and a row may be off.
    if (!this.#count(distances, asked, found, 2 * (rough?.within ?? 0)) && rough !== null) {
      this.#settle(distances, asked, matches, rough)
      this.#sort(matches, distances)
      this.#count(distances, asked, found, 0)
    }
    const ranks = this.#ahead.subarray(0, found)
    let rank = 0
    for (let i = 0; i < found; i++) {
      rank += ranks[i]! + 1
      ranks[i] = rank
    }
    return ranks
  }

  #sort(matches: Uint32Array, distances: Float64Array): void {
    matches.sort((a, b) => distances[a]! - distances[b]! || a - b)
    const nearest = this.#nearest.subarray(0, matches.length)
    for (let i = 0; i < matches.length; i++) nearest[i] = distances[matches[i]!]!
    this.#places.set(matches, nearest)
  }

  /** @returns false as soon as a row is no further than `apart`, if that is not 0, from a match. */
  #count(
    distances: Float64Array,
    { classes, wanted }: Asked,
    found: number,
    apart: number,
  ): boolean {
    const [nearest, ahead, places] = [this.#nearest, this.#ahead, this.#places]
    ahead.fill(0, 0, found)
    const farthest = found === 0 ? Number.NEGATIVE_INFINITY : nearest[found - 1]! + apart
    for (let row = 0; row < classes.length; row++) {
      const distance = distances[row]!
      if (distance > farthest || classes[row] === wanted) continue
      const behind = places.firstBehind(distance, row)
      if (apart > 0) {
        if (behind < found && nearest[behind]! - distance <= apart) return false
        if (behind > 0 && distance - nearest[behind - 1]! <= apart) return false
      }
      if (behind < found) ahead[behind]!++
    }
    return true
  }

  /** Where a row of another class is so near to a match that their order could be another, both become canonical. */
  #settle(
    distances: Float64Array,
    { classes, wanted }: Asked,
    matches: Uint32Array,
    { within, canonical }: RoughRow,
  ): void {
    const apart = 2 * within
    for (let row = 0; row < classes.length; row++) {
      const distance = distances[row]!
      if (classes[row] === wanted) continue
      const behind = this.#places.firstBehind(distance - apart, -1)
      if (behind === matches.length || this.#nearest[behind]! > distance + apart) continue
      distances[row] = canonical(row)
    }
    for (const match of matches) distances[match] = canonical(match)
  }
}
