import { type RowMatrix, rowOf } from '../vector/row-matrix.ts'
import { squaredEuclidean } from '../vector/squared-euclidean.ts'

export interface Neighbour {
  readonly row: number
  /** The Euclidean distance to the query. */
  readonly distance: number
}

/**
 * Chooses some of the queries, from the lowest score to the highest in even steps: what is good, what
 * is bad, and what is usual. Of equal scores the first query comes first.
 *
 * @param scores by query.
 */
export function spreadQueries(scores: ReadonlyMap<number, number>, most: number): number[] {
  const ordered = [...scores].sort(([a, x], [b, y]) => x - y || a - b).map(([query]) => query)
  const count = Math.min(most, ordered.length)
  return Array.from({ length: count }, (_, i) => {
    return ordered[Math.round((i * (ordered.length - 1)) / Math.max(1, count - 1))]!
  })
}

/** Finds the `k` rows nearest to each query, but for those left out, as itself; ties by row. */
export function nearestRows(
  vectors: RowMatrix,
  queries: readonly number[],
  k: number,
  leftOut: (query: number, row: number) => boolean = (query, row) => row === query,
): Neighbour[][] {
  return queries.map((query) => {
    const one = rowOf(vectors, query)
    return Array.from({ length: vectors.count }, (_, row) => {
      return { row, distance: Math.sqrt(squaredEuclidean(one, rowOf(vectors, row))) }
    })
      .filter(({ row }) => !leftOut(query, row))
      .sort((a, b) => a.distance - b.distance || a.row - b.row)
      .slice(0, k)
  })
}
