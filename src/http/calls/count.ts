import type { CountRequest } from '../../collection/count-records.ts'
import { parseFilter } from '../../engine/filter.ts'
import type { ImageSource } from '../body/image-source.ts'
import { parseJson } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import type { QueryLimits } from '../query-limits.ts'
import { createParser, invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, partial, Type } from '../schemas/type.ts'
import { QuerySchema, readSearch, toQuery, withImageBytes } from './search-query.ts'

const CountBody = partial(
  {
    query: QuerySchema,
    radius: Type.Number({ minimum: 0, description: 'Of the query, inclusive.' }),
    filter: shared.Filter,
    include: Type.Array(oneOf(['explain'], 'What to add.'), { maxItems: 1 }),
  },
  { title: 'CountRequest', examples: [{ query: { id: 'cats/1.jpg' }, radius: 0.4 }] },
)

const CountForm = closed({
  request: Type.Optional(CountBody),
  image: shared.files('One image, or several views of one subject.'),
})

const CountAnswer = closed(
  {
    count: Type.Integer(),
    exact: Type.Boolean(),
    explain: Type.Optional(
      closed({ levels: Type.Array(closed({ name: Type.String(), candidates: Type.Integer() })) }),
    ),
  },
  { title: 'CountAnswer', examples: [{ count: 17, exact: true }] },
)

const parseBody = createParser(CountBody)

export function readCountBody(body: Uint8Array, limits: QueryLimits): CountRequest<ImageSource> {
  return toRequest(parseJson(body), [], limits)
}

function toRequest(
  input: unknown,
  files: readonly Uint8Array[],
  limits: QueryLimits,
): CountRequest<ImageSource> {
  const { query, radius, filter, include = [] } = parseBody(input)
  const isSearch = query !== undefined || files.length > 0
  if (isSearch !== (radius !== undefined)) {
    throw invalidRequest(
      isSearch
        ? '/radius: expected one beside the query, got none'
        : `/radius: expected a query beside it, got radius ${radius} alone`,
    )
  }
  return {
    within: radius === undefined ? null : { query: toQuery(query ?? {}, files), radius },
    filter: filter === undefined ? null : parseFilter(filter, limits.maxFilterConditions),
    explain: include.includes('explain'),
  }
}

export function registerCount(app: App, context: CallContext): void {
  call(app, 'count', 'POST /v1/collections/:collection/count', {
    scope: 'read',
    summary: 'The number of records within a radius, under a filter, or both',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': CountBody, 'multipart/form-data': CountForm },
    answers: { 200: json('The number.', CountAnswer) },
    problems: [404, 409, 413, 415, 422],
    handler: async (request, reply) => {
      const collection = context.collections.get(request.params.collection)
      const { within, ...rest } = await readSearch(request, context, readCountBody, toRequest)
      return await context.longWork(reply, async (signal) => {
        const readImages = context.imageReader(reply, signal)
        const query = within && (await withImageBytes(within.query, readImages))
        const wanted = within && query && { ...within, query }
        return await collection.countRecords({ ...rest, within: wanted }, { signal })
      })
    },
  })
}
