import { parseFilter } from '../../engine/filter.ts'
import { DEFAULT_K, SELECTIONS, type SelectQuery } from '../../engine/query.ts'
import { parseJson } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import type { QueryLimits } from '../query-limits.ts'
import { createParser } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, Type, upTo } from '../schemas/type.ts'

/** Each representative takes a pass over all records. */
const MAX_SELECTED = 1000

const SelectBody = closed(
  {
    what: oneOf(
      SELECTIONS,
      '`representative`: records that stand for all; `unusual`: those whose nearest neighbour is farthest.',
    ),
    k: Type.Optional(upTo(MAX_SELECTED)),
    filter: Type.Optional(shared.Filter),
  },
  { title: 'SelectRequest', examples: [{ what: 'representative', k: 5 }] },
)

const SelectAnswer = closed(
  {
    records: Type.Array(
      closed({
        id: Type.String(),
        distance: orNull(Type.Number(), {
          description:
            'From the nearest representative chosen before, or from the nearest neighbour; null where there is none.',
        }),
        records: Type.Optional(
          Type.Integer({ description: 'The records that a representative stands for.' }),
        ),
      }),
      { description: 'In the order of choice.' },
    ),
    of: Type.Integer({ description: 'The records that were chosen from.' }),
    radius: Type.Optional(
      Type.Number({ description: 'The largest distance of a record from its representative.' }),
    ),
    exact: Type.Boolean(),
  },
  { title: 'SelectAnswer' },
)

const parseBody = createParser(SelectBody)

export function readSelectBody(body: Uint8Array, limits: QueryLimits): SelectQuery {
  const { what, k, filter } = parseBody(parseJson(body))
  return {
    what,
    k: k ?? DEFAULT_K,
    filter: filter === undefined ? null : parseFilter(filter, limits.maxFilterConditions),
  }
}

export function registerSelect(app: App, context: CallContext): void {
  call(app, 'select', 'POST /v1/collections/:collection/select', {
    scope: 'read',
    summary: 'Records that stand for a collection, or stand out of it',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': SelectBody },
    answers: { 200: json('The records chosen.', SelectAnswer) },
    problems: [404, 413, 415],
    handler: async (request, reply) => {
      const collection = context.collections.get(request.params.collection)
      const wanted = await context.readJson(request, readSelectBody)
      const { chosen, ...rest } = await context.longWork(reply, (signal) =>
        collection.select(wanted, { signal }),
      )
      // JSON has no Infinity.
      const records = chosen.map((one) => {
        return { ...one, distance: Number.isFinite(one.distance) ? one.distance : null }
      })
      return { records, ...rest, exact: true }
    },
  })
}
