import { type Neighbour, nearestRows, spreadQueries } from '../../evaluation/example-queries.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'

/** A test image that asked, and what was nearest to it; numbers of rows as in the data. */
export interface TestExample {
  readonly query: number
  readonly backbone: readonly Neighbour[]
  /** By what was exported; null where that is the backbone. */
  readonly exported: readonly Neighbour[] | null
}

/** What one model made of the test images, and what each of those that asked reached. */
export interface AskedModel {
  readonly vectors: RowMatrix
  readonly scores: ReadonlyMap<number, number>
}

const [EXAMPLES, SHOWN] = [12, 8]

/**
 * Some of the test images, from the one that lost most by what was learnt to the one that gained
 * most; where nothing was learnt, from the one that reached least to the best.
 *
 * @param rows in the data, of the test images.
 */
export function testExamples(
  rows: readonly number[],
  backbone: AskedModel,
  exported: AskedModel | null,
): TestExample[] {
  const gain = ([query, score]: [number, number]): [number, number] => {
    return [query, (exported?.scores.get(query) ?? 2 * score) - score]
  }
  const queries = spreadQueries(new Map([...backbone.scores].map(gain)), EXAMPLES)
  const nearest = ({ vectors }: AskedModel) =>
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
