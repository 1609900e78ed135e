import type { EngineAnswer } from '../engine/query.ts'
import { camerasLeftOut, withoutCameras } from './own-cameras.ts'
import { exampleRecords, queryVector, type SearchParts } from './query-vector.ts'
import type { SearchAnswer, SearchRequest } from './requests.ts'
import type { RerankedAnswer } from './rerank/rerank.ts'
import { rerankedSearch } from './rerank/reranked-search.ts'

/** What an engine answered, re-ranked or not. */
type Answered = EngineAnswer & Partial<Pick<RerankedAnswer, 'summary' | 'plan'>>

/** Turns a request into a vector and an engine's query, and the engine's answer into matches. */
export async function search(
  { query, include, sameCamera, camera, rerank, ...rest }: SearchRequest,
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<SearchAnswer> {
  const { generation, clock } = parts
  const { spec } = generation
  const started = clock()
  const own = { ...(sameCamera && { sameCamera }), ...(camera !== undefined && { camera }) }
  const cameras = await camerasLeftOut(own, spec, () => exampleRecords(query.positive, parts))
  const filter = withoutCameras(rest.filter, spec.cameraField, cameras)
  const { vector, without, decodeMs, embedMs } = await queryVector(query, parts, signal)
  const ready = clock()
  const wanted = { metadata: include.includes('metadata'), vectors: include.includes('vector') }
  const engineQuery = { ...rest, filter, vector, without, include: wanted }
  const answer: Answered = rerank
    ? await rerankedSearch(rerank, engineQuery, parts, signal)
    : await generation.search(engineQuery, signal)
  const done = clock()
  const isCosine = spec.metric === 'cosine'
  return {
    matches: answer.matches.map(({ id, distance, ...others }) => ({
      id,
      distance,
      ...(isCosine && { similarity: 1 - distance }),
      ...others,
    })),
    exact: answer.exact,
    complete: answer.complete,
    cursor: answer.cursor,
    ...(answer.summary && { rerank: answer.summary }),
    ...(include.includes('explain') && {
      explain: { ...answer.explain, ...(answer.plan && { rerank: answer.plan }) },
    }),
    timings: { decodeMs, embedMs, searchMs: done - ready, totalMs: done - started },
  }
}
