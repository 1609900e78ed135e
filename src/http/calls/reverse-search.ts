import type { ReverseSearchRequest } from '../../collection/pairs/pair-queries.ts'
import { DEFAULT_LIMIT, MAX_K, MAX_LIMIT } from '../../collection/requests.ts'
import { parseFilter } from '../../engine/filter.ts'
import { DEFAULT_K } from '../../engine/query.ts'
import type { ImageSource } from '../body/image-source.ts'
import { parseJson } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { sendWithList } from '../json-answer.ts'
import { checkK, type QueryLimits } from '../query-limits.ts'
import { createParser } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, partial, Type, upTo } from '../schemas/type.ts'
import { QuerySchema, readSearch, toQuery, withImageBytes } from './search-query.ts'

const ReverseBody = partial(
  {
    query: QuerySchema,
    k: upTo(MAX_K, `By default ${DEFAULT_K}.`),
    filter: shared.Filter,
    limit: upTo(MAX_LIMIT, 'Matches in the answer.'),
  },
  {
    title: 'ReverseSearchRequest',
    description: 'Records that do not meet `filter` are not found, and count as no neighbours.',
    examples: [{ query: { id: 'cats/1.jpg' }, k: 5 }],
  },
)

const ReverseForm = closed({
  request: Type.Optional(ReverseBody),
  image: shared.files('One image, or several views of one subject.'),
})

const ReverseAnswer = closed(
  {
    matches: Type.Array(
      closed({
        id: Type.String(),
        distance: Type.Number(),
        rank: Type.Integer({
          minimum: 1,
          description: 'The place of the query among the neighbours of this record.',
        }),
      }),
      { description: 'By distance, then id.' },
    ),
    exact: Type.Boolean(),
    complete: Type.Boolean({ description: 'False when `limit` cut the answer.' }),
  },
  {
    title: 'ReverseSearchAnswer',
    examples: [
      { matches: [{ id: 'cats/2.jpg', distance: 0.12, rank: 1 }], exact: true, complete: true },
    ],
  },
)

const parseBody = createParser(ReverseBody)

export function readReverseBody(
  body: Uint8Array,
  limits: QueryLimits,
): ReverseSearchRequest<ImageSource> {
  return toRequest(parseJson(body), [], limits)
}

/** @param files images that came beside the JSON, as parts of a form. */
function toRequest(
  input: unknown,
  files: readonly Uint8Array[],
  limits: QueryLimits,
): ReverseSearchRequest<ImageSource> {
  const { query = {}, k = DEFAULT_K, filter, limit = DEFAULT_LIMIT } = parseBody(input)
  checkK(k, limits)
  return {
    query: toQuery(query, files),
    k,
    filter: filter === undefined ? null : parseFilter(filter, limits.maxFilterConditions),
    limit,
  }
}

export function registerReverseSearch(app: App, context: CallContext): void {
  call(app, 'reverseSearch', 'POST /v1/collections/:collection/reverse-search', {
    scope: 'read',
    summary: 'The records that have the query among their k nearest',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': ReverseBody, 'multipart/form-data': ReverseForm },
    answers: { 200: json('Matches by distance, then id.', ReverseAnswer) },
    problems: [404, 409, 413, 415, 422],
    handler: async (request, reply) => {
      const { pairs } = context.collections.get(request.params.collection)
      const search = await readSearch(request, context, readReverseBody, toRequest)
      const { matches, complete } = await context.longWork(reply, async (signal) => {
        const query = await withImageBytes(search.query, context.imageReader(reply, signal))
        return await pairs.reverseSearch({ ...search, query }, signal)
      })
      return sendWithList(reply, 'matches', matches, { exact: true, complete })
    },
  })
}
