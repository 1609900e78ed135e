import type { CombinedQuery, EngineQuery } from '../engine/query.ts'
import { longest, type QueryVector, queryVector, type SearchParts } from './query-vector.ts'
import type { CombinedRequest } from './requests.ts'

/** Makes the vectors of several queries. All records searched by are left out of the answer. @throws as `queryVector`. */
export async function combinedQuery(
  { parts: requested, combine }: CombinedRequest,
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<
  Pick<EngineQuery, 'vector' | 'without'> & { readonly combined: CombinedQuery } & Omit<
      QueryVector,
      'vector'
    >
> {
  // By fingerprint too, so that an unknown record is an error there as elsewhere.
  const made = await Promise.all(requested.map(({ query }) => queryVector(query, parts, signal)))
  const combined = requested.map(({ query, by, weight }, i): CombinedQuery['parts'][number] => {
    const [example] = query.positive
    if (by === 'fingerprint' && example?.kind === 'id') return { by, id: example.id, weight }
    return { by: 'embedding', vector: made[i]!.vector, weight }
  })
  return {
    vector: made[0]!.vector,
    without: made.flatMap(({ without }) => without),
    combined: { parts: combined, combine },
    ...longest(made),
  }
}
