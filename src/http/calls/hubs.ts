import { MAX_K, MAX_LIMIT } from '../../collection/requests.ts'
import { parseFilter } from '../../engine/filter.ts'
import type { HubsQuery } from '../../engine/pairs.ts'
import { DEFAULT_K } from '../../engine/query.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { sendWithList } from '../json-answer.ts'
import { checkK, type QueryLimits } from '../query-limits.ts'
import * as shared from '../schemas/shared.ts'
import { closed, partial, Type, upTo } from '../schemas/type.ts'

const DEFAULT_HUBS = 100

const HubsBody = partial(
  {
    k: upTo(MAX_K, `By default ${DEFAULT_K}.`),
    filter: shared.Filter,
    limit: upTo(MAX_LIMIT, `Hubs in the answer, by default ${DEFAULT_HUBS}.`),
    records: Type.Integer({
      minimum: 1,
      description: 'Records whose k nearest are looked for, drawn at random; all unless given.',
    }),
  },
  { title: 'HubsRequest', examples: [{ k: 10, limit: 20 }] },
)

const HubsAnswer = closed(
  {
    hubs: Type.Array(closed({ id: Type.String(), count: Type.Integer() }), {
      description: 'By count, the largest first, then id.',
    }),
    records: Type.Integer({ description: 'Records whose k nearest were looked for.' }),
    never: Type.Integer({ description: 'Records that are among the k nearest of none of them.' }),
    skewness: Type.Number({
      description:
        'Of the counts of all records: 0 where they are even, larger where there are hubs.',
    }),
    complete: Type.Boolean({
      description: 'Whether the k nearest of all records were looked for.',
    }),
  },
  {
    title: 'HubsAnswer',
    examples: [
      { hubs: [{ id: 'a', count: 31 }], records: 704, never: 12, skewness: 1.1, complete: true },
    ],
  },
)

const parseBody = createJsonParser(HubsBody)

export function readHubsBody(body: Uint8Array, limits: QueryLimits): HubsQuery {
  const { k = DEFAULT_K, filter, limit = DEFAULT_HUBS, records = null } = parseBody(body)
  checkK(k, limits)
  return {
    k,
    filter: filter === undefined ? null : parseFilter(filter, limits.maxFilterConditions),
    limit,
    records,
  }
}

export function registerHubs(app: App, context: CallContext): void {
  call(app, 'hubs', 'POST /v1/collections/:collection/hubs', {
    scope: 'read',
    summary: 'How often records are among the k nearest of others',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': HubsBody },
    answers: { 200: json('The records that are so most often.', HubsAnswer) },
    problems: [404, 413, 415],
    handler: async (request, reply) => {
      const { pairs } = context.collections.get(request.params.collection)
      const wanted = await context.readJson(request, readHubsBody)
      const answer = await context.longWork(reply, (signal) => pairs.hubs(wanted, signal))
      const { hubs, ...others } = answer
      return sendWithList(reply, 'hubs', hubs, others)
    },
  })
}
