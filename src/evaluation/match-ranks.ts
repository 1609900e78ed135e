import { BLOCK_ROWS } from '../vector/squared-euclidean.ts'
import type { Distances } from './distances.ts'
import { MatchCounter } from './match-counter.ts'

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
  { distances, queryClasses, rowClasses, leftOut, onProgress }: RankingTask,
  visit: (query: number, ranks: Uint32Array) => void,
): Promise<void> {
  const { queries, rows, within } = distances
  if (queryClasses.length !== queries || rowClasses.length !== rows) {
    const got = `got ${queryClasses.length} and ${rowClasses.length}`
    throw new RangeError(`expected ${queries} classes of queries and ${rows} of rows, ${got}`)
  }
  const counter = new MatchCounter(rowClasses)
  const atOnce = BLOCK_ROWS * Math.max(1, Math.floor(HELD / (BLOCK_ROWS * rows)))
  for (let first = 0; first < queries; first += atOnce) {
    const end = Math.min(queries, first + atOnce)
    const squared = await distances.measure(first, end)
    for (let query = first; query < end; query++) {
      const own = squared.subarray((query - first) * rows, (query - first + 1) * rows)
      const ranks = counter.ranks(own, queryClasses[query]!, {
        isLeftOut: (row) => leftOut(query, row),
        within,
        canonical: (row) => distances.canonical(query, row),
      })
      visit(query, ranks)
    }
    onProgress?.(end, queries)
  }
}
