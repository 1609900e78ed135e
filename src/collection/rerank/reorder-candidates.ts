import { compareIds } from '../../engine/collection-spec.ts'
import type { PinnedGeneration } from '../../engine/generation.ts'
import { DEFAULT_K, type EngineQuery } from '../../engine/query.ts'
import { withoutVector, withVectors } from './match-vectors.ts'
import { DEFAULT_CANDIDATES, type Rerank, type RerankedAnswer, type Reranking } from './rerank.ts'
import { changesOf } from './rerank-changes.ts'

/** Puts the nearest records in the order of their k-reciprocal neighbours, found among them and the query. */
export async function reorderCandidates(
  { k1, k2, lambda, candidates }: Extract<Rerank, { method: 'k-reciprocal' }>,
  query: EngineQuery,
  generation: PinnedGeneration,
  reranking: Reranking,
  signal?: AbortSignal,
): Promise<RerankedAnswer> {
  const k = query.k ?? DEFAULT_K
  const most = candidates ?? Math.max(DEFAULT_CANDIDATES, k)
  const include = { ...query.include, vectors: true }
  const found = await generation.search({ ...query, k: most, limit: most, include }, signal)
  const rows = withVectors(found.matches)
  const { dimensions } = generation.spec
  const values = new Float32Array((rows.length + 1) * dimensions)
  values.set(query.vector)
  for (const [i, { vector }] of rows.entries()) values.set(vector, (i + 1) * dimensions)
  const options = {
    ...(k1 !== undefined && { k1 }),
    ...(k2 !== undefined && { k2 }),
    ...(lambda !== undefined && { lambda }),
  }
  const reranked = await reranking.kReciprocal({ values, dimensions, ...options }, signal)
  const matches = rows
    .map((row, i) => ({ ...row, reranked: reranked[i]! }))
    .sort((a, b) => a.reranked - b.reranked || a.distance - b.distance || compareIds(a.id, b.id))
    .slice(0, k)
  return {
    ...found,
    matches: query.include.vectors ? matches : matches.map(withoutVector),
    summary: { method: 'k-reciprocal', records: rows.length, exactFor: 'candidates' },
    plan: changesOf(found.matches.slice(0, k), matches, (rows.length * (rows.length + 1)) / 2),
  }
}
