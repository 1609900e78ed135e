import { MatchPlaces } from './match-places.ts'

export interface RankedQuery {
  readonly isLeftOut: (row: number) => boolean
  /** No distance is further than this from its canonical value. */
  readonly within: number
  readonly canonical: (row: number) => number
}

/** Finds the ranks of one query's matches, in memory that all queries share. */
export class MatchCounter {
  readonly #classes: Int32Array
  readonly #matches: Uint32Array
  readonly #nearest: Float64Array
  /** How many other rows come before this match, but not before an earlier one. */
  readonly #ahead: Uint32Array
  readonly #places = new MatchPlaces()

  /** @param classes of the rows. */
  constructor(classes: Int32Array) {
    this.#classes = classes
    this.#matches = new Uint32Array(classes.length)
    this.#nearest = new Float64Array(classes.length)
    this.#ahead = new Uint32Array(classes.length)
  }

  /**
   * @param distances of the query to the rows; squared ones give the same ranks. Where they are not
   * canonical, the matches' and those that could stand on either side of a match are replaced.
   * @returns from 1, ascending; good until the next call.
   */
  ranks(
    distances: Float64Array,
    wanted: number,
    { isLeftOut, within, canonical }: RankedQuery,
  ): Uint32Array {
    let found = 0
    for (let row = 0; row < distances.length; row++) {
      if (this.#classes[row] === wanted && !isLeftOut(row)) this.#matches[found++] = row
    }
    const matches = this.#matches.subarray(0, found)
    this.#sort(matches, distances)
    // Both a match and a row may be off.
    const apart = 2 * within
    if (!this.#count(distances, wanted, found, apart)) {
      this.#settle(distances, wanted, matches, apart, canonical)
      this.#sort(matches, distances)
      this.#count(distances, wanted, found, 0)
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
  #count(distances: Float64Array, wanted: number, found: number, apart: number): boolean {
    const [classes, nearest, ahead] = [this.#classes, this.#nearest, this.#ahead]
    const places = this.#places
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

  /**
   * Where a row of another class is so near to a match that their order could be another, makes both
   * distances canonical.
   */
  #settle(
    distances: Float64Array,
    wanted: number,
    matches: Uint32Array,
    apart: number,
    canonical: (row: number) => number,
  ): void {
    for (let row = 0; row < distances.length; row++) {
      const distance = distances[row]!
      if (this.#classes[row] === wanted) continue
      const behind = this.#places.firstBehind(distance - apart, -1)
      if (behind === matches.length || this.#nearest[behind]! > distance + apart) continue
      distances[row] = canonical(row)
    }
    for (const match of matches) distances[match] = canonical(match)
  }
}
