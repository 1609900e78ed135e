import type { PinnedGeneration } from '../../engine/generation.ts'
import { DEFAULT_K, type EngineQuery } from '../../engine/query.ts'
import { meanVector } from '../../vector/mean-vector.ts'
import { distanceFromSquared } from '../../vector/space.ts'
import { squaredEuclidean } from '../../vector/squared-euclidean.ts'
import { toStoredVector } from '../../vector/stored-vector.ts'
import { withoutVector, withVectors } from './match-vectors.ts'
import type { RerankedAnswer } from './rerank.ts'
import { changesOf } from './rerank-changes.ts'

/**
 * Searches twice: by the query, and by the mean of the query and its nearest records, of unit length under cosine (average query
 * expansion, Chum et al., Total recall, ICCV 2007, section 4). The distances of the answer stay those to the query.
 * @throws INVALID_VECTOR where they cancel out.
 */
export async function expandQuery(
  neighbours: number,
  query: EngineQuery,
  generation: PinnedGeneration,
  signal?: AbortSignal,
): Promise<RerankedAnswer> {
  const { dimensions, metric } = generation.spec
  const k = query.k ?? DEFAULT_K
  const most = Math.max(k, neighbours)
  const plain = { metadata: false, vectors: false }
  const first = await generation.search({ ...query, k: most, limit: most, include: plain }, signal)
  const found = await Promise.all(
    first.matches.slice(0, neighbours).map(({ id }) => generation.vector(id)),
  )
  const averaged = found.filter((vector) => vector !== null)
  const mean = toStoredVector(meanVector([query.vector, ...averaged]), dimensions, metric)
  const include = { ...query.include, vectors: true }
  const second = await generation.search({ ...query, vector: mean, k, limit: k, include }, signal)
  const matches = withVectors(second.matches).map(({ distance: reranked, ...match }) => {
    const squared = squaredEuclidean(query.vector, match.vector)
    return { ...match, distance: distanceFromSquared(metric, squared), reranked }
  })
  return {
    ...second,
    matches: query.include.vectors ? matches : matches.map(withoutVector),
    exact: first.exact && second.exact,
    summary: {
      method: 'query-expansion',
      records: averaged.length,
      exactFor: 'expanded-query',
    },
    plan: changesOf(first.matches.slice(0, k), matches, matches.length),
  }
}
