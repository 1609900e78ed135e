import { MAX_K } from '../../collection/requests.ts'
import { parseFilter } from '../../engine/filter.ts'
import type { JoinQuery } from '../../engine/pairs.ts'
import { checkSees } from '../admission/caller.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, text } from '../call.ts'
import { NDJSON, sendLines } from '../ndjson-answer.ts'
import { checkK, type QueryLimits } from '../query-limits.ts'
import { invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { partial, Type, upTo } from '../schemas/type.ts'

const JoinBody = partial(
  {
    with: Type.String({
      description: 'The collection of `b`; unless given, the same: then each pair comes once.',
    }),
    radius: Type.Number({
      minimum: 0,
      description: 'Largest distance, inclusive, in its own unit.',
    }),
    k: upTo(MAX_K, 'The closest pairs.'),
    filter: shared.Filter,
    withFilter: shared.Filter,
  },
  {
    title: 'JoinRequest',
    description:
      'A `radius`, a `k`, or both. `filter` is for records of the collection, `withFilter` for those of `with`.',
    examples: [{ with: 'products', radius: 0.05 }],
  },
)

const parseBody = createJsonParser(JoinBody)

interface JoinCall {
  readonly query: JoinQuery
  /** Null for the collection itself. */
  readonly other: string | null
}

export function readJoinBody(body: Uint8Array, limits: QueryLimits): JoinCall {
  const { with: other = null, radius = null, k, filter, withFilter } = parseBody(body)
  checkK(k, limits)
  if (radius === null && k === undefined) {
    throw invalidRequest('/radius: expected a radius, a k, or both, got neither')
  }
  if (withFilter !== undefined && other === null) {
    throw invalidRequest('/withFilter: expected "with" beside it, got withFilter alone')
  }
  const { maxFilterConditions: most } = limits
  return {
    query: {
      radius,
      k: k ?? null,
      filter: filter === undefined ? null : parseFilter(filter, most),
      otherFilter: withFilter === undefined ? null : parseFilter(withFilter, most),
    },
    other,
  }
}

export function registerJoin(app: App, context: CallContext): void {
  const { collections, longWork } = context
  call(app, 'join', 'POST /v1/collections/:collection/join', {
    scope: 'read',
    summary: 'Pairs of records within a radius, or the closest, of one collection or two',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': JoinBody },
    answers: {
      200: text(
        'A line `{ a, b, distance }` for each pair, then `{ complete, pairs }`; without that line the answer was cut.',
        NDJSON,
      ),
    },
    problems: [404, 409, 413, 415],
    handler: async (request, reply) => {
      const { collection: name } = request.params
      const { pairs } = collections.get(name)
      const { query, other } = await context.readJson(request, readJoinBody)
      if (other !== null) checkSees(request.caller, other)
      const isSelf = other === null || other === name
      if (isSelf && query.otherFilter !== null) {
        throw invalidRequest('/withFilter: expected another collection in "with", got the same')
      }
      const others = isSelf ? null : collections.get(other).pairs
      return await sendLines(reply, longWork, 'pairs', (signal) =>
        pairs.join(query, others, signal),
      )
    },
  })
}
