import type { EngineQuery } from '../../engine/query.ts'
import type { SearchParts } from '../query-vector.ts'
import { expandQuery } from './expand-query.ts'
import { reorderCandidates } from './reorder-candidates.ts'
import { DEFAULT_NEIGHBOURS, type Rerank, type RerankedAnswer } from './rerank.ts'

/**
 * Searches, and puts what is found in another order. Answers come in one piece, without groups.
 * @throws INVALID_VECTOR where a query and its neighbours cancel out.
 */
export async function rerankedSearch(
  rerank: Rerank,
  query: EngineQuery,
  { generation, reranking }: Pick<SearchParts, 'generation' | 'reranking'>,
  signal?: AbortSignal,
): Promise<RerankedAnswer> {
  return rerank.method === 'k-reciprocal'
    ? await reorderCandidates(rerank, query, generation, reranking, signal)
    : await expandQuery(rerank.neighbours ?? DEFAULT_NEIGHBOURS, query, generation, signal)
}
