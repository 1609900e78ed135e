import type { CollectionSpec } from '../engine/collection-spec.ts'
import type { PinnedGeneration } from '../engine/generation.ts'
import type { EngineMatch, EngineQuery } from '../engine/query.ts'
import type { Clock } from '../scheduling/timers.ts'
import { type ExampleParts, queryVector } from './query-vector.ts'
import type { SearchAnswer, SearchMatch, SearchRequest } from './requests.ts'

interface Parts extends ExampleParts {
  readonly generation: PinnedGeneration
  readonly clock: Clock
}

/** Turns a request into a vector and an engine's query, and its answer into matches. */
export async function search(
  request: SearchRequest,
  parts: Parts,
  signal?: AbortSignal,
): Promise<SearchAnswer> {
  const { generation, clock } = parts
  const started = clock()
  const { vector, without, decodeMs, embedMs } = await queryVector(request.query, parts, signal)
  const ready = clock()
  const { query: _, include, ...rest } = request
  const query: EngineQuery = {
    ...rest,
    vector,
    without,
    include: { metadata: include.includes('metadata'), vectors: include.includes('vector') },
  }
  const answer = await generation.search(query, signal)
  const done = clock()
  return {
    matches: answer.matches.map((match) => toMatch(match, generation.spec)),
    exact: answer.exact,
    complete: answer.complete,
    cursor: answer.cursor,
    ...(include.includes('explain') && { explain: answer.explain }),
    timings: { decodeMs, embedMs, searchMs: done - ready, totalMs: done - started },
  }
}

function toMatch({ id, distance, ...rest }: EngineMatch, { metric }: CollectionSpec): SearchMatch {
  return {
    id,
    distance,
    ...(metric === 'cosine' && { similarity: 1 - distance }),
    ...rest,
  }
}
