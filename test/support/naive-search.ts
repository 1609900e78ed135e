import { compareIds } from '../../src/engine/collection-spec.ts'
import type { Hit } from '../../src/engine/embedded/search/hits.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import type { RowsQuery } from './generation-under-test.ts'

/** Records by id, as they stand now. */
export type Truth = Map<string, { key: number; vector: Float32Array }>

/** Answers as a plain loop over all records does, under Euclidean distance. */
export function naiveHits(
  truth: Truth,
  { vector, k, radius, after, without }: Omit<RowsQuery, 'keys'>,
): Hit[] {
  return [...truth]
    .filter(([id]) => !without.includes(id))
    .map(([id, record]) => ({
      id,
      key: record.key,
      distance: Math.sqrt(squaredEuclidean(vector, record.vector)),
    }))
    .filter(({ distance }) => distance <= radius)
    .sort((a, b) => a.distance - b.distance || compareIds(a.id, b.id))
    .filter(
      ({ id, distance }) =>
        after === null ||
        distance > after.distance ||
        (distance === after.distance && compareIds(id, after.id) > 0),
    )
    .slice(0, k)
}
