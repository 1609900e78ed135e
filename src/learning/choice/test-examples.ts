import { type Neighbour, nearestRows, spreadQueries } from '../../evaluation/example-queries.ts'
import type { TransformRanking } from './rank-by-transform.ts'

/** A test image and the images nearest to it; the numbers of rows are those of the data. */
export interface TestExample {
  readonly query: number
  readonly backbone: readonly Neighbour[]
  /** The nearest by what was exported; null where that is the backbone. */
  readonly exported: readonly Neighbour[] | null
}

const [EXAMPLES, SHOWN] = [12, 8]

/**
 * Picks some of the test images, from the one that lost most by what was learnt to the one that
 * gained most; where nothing was learnt, from the lowest score to the highest.
 *
 * @param rows of the test images in the data.
 */
export function testExamples(
  rows: readonly number[],
  backbone: TransformRanking,
  exported: TransformRanking | null,
): TestExample[] {
  const gain = ([query, score]: [number, number]): [number, number] => {
    return [query, (exported?.scores.get(query) ?? 2 * score) - score]
  }
  const queries = spreadQueries(new Map([...backbone.scores].map(gain)), EXAMPLES)
  const nearest = ({ vectors }: TransformRanking) =>
    nearestRows(vectors, queries, SHOWN).map((found) =>
      found.map(({ row, distance }) => ({ row: rows[row]!, distance })),
    )
  const before = nearest(backbone)
  const after = exported === null ? null : nearest(exported)
  return queries.map((query, i) => ({
    query: rows[query]!,
    backbone: before[i]!,
    exported: after?.[i] ?? null,
  }))
}
