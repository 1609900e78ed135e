import { queryVector, type SearchParts } from './query-vector.ts'
import type { SearchAnswer, SearchRequest } from './requests.ts'

/** Turns a request into a vector and an engine's query, and the engine's answer into matches. */
export async function search(
  { query, include, ...rest }: SearchRequest,
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<SearchAnswer> {
  const { generation, clock } = parts
  const started = clock()
  const { vector, without, decodeMs, embedMs } = await queryVector(query, parts, signal)
  const ready = clock()
  const wanted = { metadata: include.includes('metadata'), vectors: include.includes('vector') }
  const answer = await generation.search({ ...rest, vector, without, include: wanted }, signal)
  const done = clock()
  const isCosine = generation.spec.metric === 'cosine'
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
    ...(include.includes('explain') && { explain: answer.explain }),
    timings: { decodeMs, embedMs, searchMs: done - ready, totalMs: done - started },
  }
}
