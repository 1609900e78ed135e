import { DEFAULT_LIMIT, MAX_LIMIT } from '../../collection/requests.ts'
import { parseExactJson } from '../../engine/exact-json.ts'
import { type Filter, parseFilter } from '../../engine/filter.ts'
import { AppError } from '../../errors.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { sendWithList, withPlainVectors } from '../json-answer.ts'
import type { QueryLimits } from '../query-limits.ts'
import * as shared from '../schemas/shared.ts'
import { closed, orNull, partial, Type, upTo } from '../schemas/type.ts'
import { IncludeVector, RecordSchema } from './record.ts'

const ScrollQuery = partial({
  limit: upTo(MAX_LIMIT, 'Records in one page.'),
  cursor: Type.String({ maxLength: 4096 }),
  filter: Type.String({
    maxLength: 65_536,
    description: 'A filter, as JSON.',
    examples: ['{"a":1}'],
  }),
  include: IncludeVector,
})

const ScrollAnswer = closed({ records: Type.Array(RecordSchema), cursor: orNull(Type.String()) })

export function registerScrollRecords(
  app: App,
  { collections, limits, longWork }: CallContext,
): void {
  call(app, 'scrollRecords', 'GET /v1/collections/:collection/images', {
    scope: 'read',
    summary: 'Records in id order, page by page',
    tag: 'images',
    params: shared.CollectionParams,
    query: ScrollQuery,
    answers: { 200: json('A page; `cursor` is null at the end.', ScrollAnswer) },
    problems: [404],
    handler: async (request, reply) => {
      const { limit = DEFAULT_LIMIT, cursor = null, filter, include } = request.query
      const collection = collections.get(request.params.collection)
      const wanted = {
        limit,
        cursor,
        filter: filter === undefined ? null : filterOf(filter, limits),
        vectors: include === 'vector',
      }
      const page = await longWork(reply, (signal) => collection.page(wanted, { signal }))
      return sendWithList(reply, 'records', withPlainVectors(page.records), { cursor: page.cursor })
    },
  })
}

/** Reads a filter that stands in an address. @throws INVALID_FILTER, INVALID_NUMBER. */
export function filterOf(text: string, { maxFilterConditions }: QueryLimits): Filter {
  let value: unknown
  try {
    value = parseExactJson(text)
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('INVALID_FILTER', `expected the filter as JSON: ${String(cause)}`, { cause })
  }
  return parseFilter(value, maxFilterConditions)
}
