import {
  DEFAULT_FACET_VALUES,
  type FacetsRequest,
  MAX_FACET_FIELDS,
  MAX_FACET_VALUES,
} from '../../collection/facets.ts'
import { MAX_K } from '../../collection/requests.ts'
import { parseFilter } from '../../engine/filter.ts'
import type { ImageSource } from '../body/image-source.ts'
import { parseJson } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { checkK, type QueryLimits } from '../query-limits.ts'
import { createParser, invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, Type, upTo } from '../schemas/type.ts'
import { QuerySchema, readSearch, toQuery, withImageBytes } from './search-query.ts'

const FacetsBody = closed(
  {
    fields: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
      minItems: 1,
      maxItems: MAX_FACET_FIELDS,
      uniqueItems: true,
      description: 'Metadata fields whose values are counted.',
    }),
    query: Type.Optional(QuerySchema),
    radius: Type.Optional(Type.Number({ minimum: 0, description: 'Of the query, inclusive.' })),
    k: Type.Optional(upTo(MAX_K, 'Only the k nearest to the query.')),
    filter: Type.Optional(shared.Filter),
    limit: Type.Optional(upTo(MAX_FACET_VALUES, 'Values of each field.')),
  },
  { title: 'FacetsRequest', examples: [{ fields: ['label'], filter: { camera: 'c1' } }] },
)

const FacetsForm = closed({
  request: FacetsBody,
  image: shared.files('One image, or several views of one subject.'),
})

const FacetsAnswer = closed(
  {
    facets: Type.Record(
      Type.String(),
      Type.Array(closed({ value: shared.IdentityValue, count: Type.Integer() })),
      { description: 'The values of each field, the most frequent first, then by value.' },
    ),
    records: Type.Integer({ description: 'The records in which they were counted.' }),
    exact: Type.Boolean({
      description:
        'False when a field has more values than are told apart: more frequent ones may be missing from its list.',
    }),
    complete: Type.Boolean({ description: 'False when a list was cut.' }),
    cut: Type.Array(Type.String(), { description: 'The fields that have more values.' }),
  },
  {
    title: 'FacetsAnswer',
    examples: [
      {
        facets: { label: [{ value: 'cat', count: 17 }] },
        records: 17,
        exact: true,
        complete: true,
        cut: [],
      },
    ],
  },
)

const parseBody = createParser(FacetsBody)

export function readFacetsBody(body: Uint8Array, limits: QueryLimits): FacetsRequest<ImageSource> {
  return toRequest(parseJson(body), [], limits)
}

function toRequest(
  input: unknown,
  files: readonly Uint8Array[],
  limits: QueryLimits,
): FacetsRequest<ImageSource> {
  const { fields, query, radius, k, filter, limit } = parseBody(input)
  checkK(k, limits)
  const isSearch = query !== undefined || files.length > 0
  if (isSearch !== (radius !== undefined || k !== undefined)) {
    throw invalidRequest(
      isSearch
        ? '/query: expected radius, k or both beside it, got neither'
        : '/query: expected one beside radius and k, got none',
    )
  }
  return {
    fields,
    filter: filter === undefined ? null : parseFilter(filter, limits.maxFilterConditions),
    limit: limit ?? DEFAULT_FACET_VALUES,
    near: isSearch
      ? { query: toQuery(query ?? {}, files), radius: radius ?? null, k: k ?? null }
      : null,
  }
}

export function registerFacets(app: App, context: CallContext): void {
  call(app, 'facets', 'POST /v1/collections/:collection/facets', {
    scope: 'read',
    summary: 'The number of records by the values of metadata fields',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': FacetsBody, 'multipart/form-data': FacetsForm },
    answers: { 200: json('The values of each field.', FacetsAnswer) },
    problems: [404, 409, 413, 415, 422],
    handler: async (request, reply) => {
      const collection = context.collections.get(request.params.collection)
      const { near, ...rest } = await readSearch(request, context, readFacetsBody, toRequest)
      return await context.longWork(reply, async (signal) => {
        const readImages = context.imageReader(reply, signal)
        const query = near && (await withImageBytes(near.query, readImages))
        const wanted = near && query && { ...near, query }
        return await collection.facets({ ...rest, near: wanted }, { signal })
      })
    },
  })
}
