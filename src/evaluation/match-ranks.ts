import { BLOCK_ROWS } from '../vector/squared-euclidean.ts'
import type { Distances } from './distances.ts'
import { MatchPlaces } from './match-places.ts'

export interface RankingTask {
  readonly distances: Distances
  /** The number of the class, or identity, of each query and of each row. */
  readonly queryClasses: Int32Array
  readonly rowClasses: Int32Array
  /**
   * Whether a row of the query's class is no part of the answer: the query itself, or what the same
   * camera saw. Rows of other classes always count.
   */
  readonly leftOut: (query: number, row: number) => boolean
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/** Distances that are held at a time: 16 MiB of them. */
const HELD = 2 ** 21

/**
 * Ranks all rows for every query by canonical distance, then row number, and reports where the rows
 * of the query's class came out. Ranks count from 1, after `leftOut` rows are gone.
 *
 * All measures of a ranking follow from these ranks. They are counted rather than sorted: a row of
 * another class only adds one to the ranks of the matches behind it.
 *
 * @param visit gets the query and the ranks of its matches, ascending; empty without a match.
 * The ranks are only good during the call.
 */
export async function rankMatches(
  task: RankingTask,
  visit: (query: number, ranks: Uint32Array) => void,
): Promise<void> {
  const { distances, queryClasses, rowClasses, onProgress } = task
  const { queries, rows } = distances
  if (queryClasses.length !== queries || rowClasses.length !== rows) {
    const got = `got ${queryClasses.length} and ${rowClasses.length}`
    throw new RangeError(`expected ${queries} classes of queries and ${rows} of rows, ${got}`)
  }
  const counter = new MatchCounter(task)
  const atOnce = BLOCK_ROWS * Math.max(1, Math.floor(HELD / (BLOCK_ROWS * rows)))
  for (let first = 0; first < queries; first += atOnce) {
    const end = Math.min(queries, first + atOnce)
    const squared = await distances.measure(first, end)
    for (let query = first; query < end; query++) {
      const own = squared.subarray((query - first) * rows, (query - first + 1) * rows)
      visit(query, counter.ranks(query, own))
      const done = query + 1
      if (done % BLOCK_ROWS === 0 || done === queries) onProgress?.(done, queries)
    }
  }
}

/** Finds the ranks of one query's matches, in memory that all queries share. */
class MatchCounter {
  readonly #task: RankingTask
  readonly #matches: Uint32Array
  readonly #nearest: Float64Array
  /** How many other rows come before this match, but not before an earlier one. */
  readonly #ahead: Uint32Array
  readonly #places = new MatchPlaces()

  constructor(task: RankingTask) {
    this.#task = task
    this.#matches = new Uint32Array(task.distances.rows)
    this.#nearest = new Float64Array(task.distances.rows)
    this.#ahead = new Uint32Array(task.distances.rows)
  }

  /**
   * @param squared distances of the query to the rows. Where they are not canonical, the matches' and
   * those that could stand on either side of a match are replaced.
   * @returns from 1, ascending; good until the next call.
   */
  ranks(query: number, squared: Float64Array): Uint32Array {
    const { distances, queryClasses, rowClasses, leftOut } = this.#task
    const wanted = queryClasses[query]!
    let found = 0
    for (let row = 0; row < squared.length; row++) {
      if (rowClasses[row] === wanted && !leftOut(query, row)) this.#matches[found++] = row
    }
    const matches = this.#matches.subarray(0, found)
    this.#sort(matches, squared)
    // Both a match and a row may be off.
    const apart = 2 * distances.within
    if (!this.#count(squared, wanted, found, apart)) {
      this.#settle(squared, query, matches, apart)
      this.#sort(matches, squared)
      this.#count(squared, wanted, found, 0)
    }
    const ranks = this.#ahead.subarray(0, found)
    let rank = 0
    for (let i = 0; i < found; i++) {
      rank += ranks[i]! + 1
      ranks[i] = rank
    }
    return ranks
  }

  #sort(matches: Uint32Array, squared: Float64Array): void {
    matches.sort((a, b) => squared[a]! - squared[b]! || a - b)
    for (let i = 0; i < matches.length; i++) this.#nearest[i] = squared[matches[i]!]!
    this.#places.set(matches, this.#nearest.subarray(0, matches.length))
  }

  /** @returns false as soon as a row is no further than `apart`, if that is not 0, from a match. */
  #count(squared: Float64Array, wanted: number, found: number, apart: number): boolean {
    const [nearest, ahead, places] = [this.#nearest, this.#ahead, this.#places]
    const { rowClasses } = this.#task
    ahead.fill(0, 0, found)
    const farthest = found === 0 ? Number.NEGATIVE_INFINITY : nearest[found - 1]! + apart
    for (let row = 0; row < rowClasses.length; row++) {
      const distance = squared[row]!
      if (distance > farthest || rowClasses[row] === wanted) continue
      const behind = places.firstBehind(distance, row)
      if (apart > 0) {
        if (behind < found && nearest[behind]! - distance <= apart) return false
        if (behind > 0 && distance - nearest[behind - 1]! <= apart) return false
      }
      if (behind < found) ahead[behind]!++
    }
    return true
  }

  /** Makes the distances canonical of matches, and of rows whose order to one could be another. */
  #settle(squared: Float64Array, query: number, matches: Uint32Array, apart: number): void {
    const { distances, queryClasses, rowClasses } = this.#task
    for (let row = 0; row < squared.length; row++) {
      const distance = squared[row]!
      if (rowClasses[row] === queryClasses[query]) continue
      const behind = this.#places.firstBehind(distance - apart, -1)
      if (behind === matches.length || this.#nearest[behind]! > distance + apart) continue
      squared[row] = distances.canonical(query, row)
    }
    for (const match of matches) squared[match] = distances.canonical(query, match)
  }
}
