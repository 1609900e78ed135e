import {
  DEFAULT_LEAST_RECORDS,
  DEFAULT_UNKNOWNS_LIMIT,
  MAX_UNKNOWNS_LIMIT,
  type UnknownsRequest,
} from '../../collection/identities/unknowns.ts'
import { MAX_GROUP } from '../../collection/neighbour-groups.ts'
import { parseFilter } from '../../engine/filter.ts'
import { parseJson } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import type { QueryLimits } from '../query-limits.ts'
import { createParser } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, partial, Type, upTo } from '../schemas/type.ts'

const UnknownsBody = partial(
  {
    radius: Type.Number({
      minimum: 0,
      description:
        'The largest mean distance of two clusters that are joined, inclusive; unless given that of the calibration.',
    }),
    filter: shared.Filter,
    minRecords: upTo(MAX_GROUP, `Records of a cluster, at least; ${DEFAULT_LEAST_RECORDS}.`),
    limit: upTo(MAX_UNKNOWNS_LIMIT, 'Clusters in one answer, about.'),
    cursor: shared.Cursor,
  },
  { examples: [{ radius: 0.2 }] },
)

const UnknownsAnswer = closed({
  clusters: Type.Array(
    closed({
      ids: Type.Array(Type.String(), { description: 'In id order.' }),
      spread: Type.Number({ description: 'The largest distance of two of them.' }),
      complete: Type.Boolean({
        description: `False where it comes from a chain of more than ${MAX_GROUP} neighbours, and may lack records.`,
      }),
    }),
  ),
  radius: Type.Number({ description: 'The one that was taken.' }),
  source: oneOf(['request', 'calibration'], 'Where the radius is from.'),
  complete: Type.Boolean({ description: 'False when `cursor` gives more.' }),
  cursor: orNull(Type.String()),
})

const parseBody = createParser(UnknownsBody)

export function readUnknownsBody(body: Uint8Array, limits: QueryLimits): UnknownsRequest {
  const input = parseBody(body.byteLength === 0 ? {} : parseJson(body))
  const { radius, minRecords = DEFAULT_LEAST_RECORDS, limit = DEFAULT_UNKNOWNS_LIMIT } = input
  return {
    ...(radius !== undefined && { radius }),
    filter:
      input.filter === undefined ? null : parseFilter(input.filter, limits.maxFilterConditions),
    least: minRecords,
    limit,
    cursor: input.cursor ?? null,
  }
}

export function registerUnknowns(app: App, context: CallContext): void {
  call(app, 'unknowns', 'POST /v1/collections/:collection/identities/unknowns', {
    scope: 'read',
    summary: 'Records without an identity, as clusters to be named',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': UnknownsBody },
    answers: {
      200: json('Clusters of records that are probably of one identity.', UnknownsAnswer),
    },
    problems: [404, 409, 413, 415],
    handler: async (request, reply) => {
      const collection = context.collections.get(request.params.collection)
      const wanted = await context.readJson(request, readUnknownsBody)
      return await context.longWork(reply, (signal) =>
        collection.identities.unknowns(wanted, { signal }),
      )
    },
  })
}
