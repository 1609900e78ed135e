import { checkId } from '../../engine/collection-spec.ts'
import { type Filter, parseFilter } from '../../engine/filter.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import type { QueryLimits } from '../query-limits.ts'
import { invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, partial, Type } from '../schemas/type.ts'

const DeleteBody = partial(
  { ids: Type.Array(Type.String(), { maxItems: shared.MAX_BATCH }), filter: shared.Filter },
  {
    title: 'DeleteRequest',
    description: 'Exactly one of `ids` and `filter`.',
    oneMemberOf: [['ids'], ['filter']],
    examples: [{ ids: ['a', 'b'] }],
  },
)

const parseBody = createJsonParser(DeleteBody)

/** Reads `{ ids }` or `{ filter }`: an empty body must not delete everything. */
export function readDeleteBody(
  body: Uint8Array,
  { maxFilterConditions }: QueryLimits,
): { ids: readonly string[] } | { filter: Filter } {
  const { ids, filter } = parseBody(body)
  if (ids !== undefined && filter === undefined) return { ids: ids.map(checkId) }
  if (filter !== undefined && ids === undefined) {
    return { filter: parseFilter(filter, maxFilterConditions) }
  }
  const got = ids === undefined ? 'neither' : 'both'
  throw invalidRequest(`expected one of ids and filter, got ${got}`)
}

export function registerDeleteRecords(
  app: App,
  { collections, readJson, longWork }: CallContext,
): void {
  call(app, 'deleteRecords', 'POST /v1/collections/:collection/images/delete', {
    summary: 'Delete records by ids or by filter; unknown ids are no error',
    tag: 'images',
    params: shared.CollectionParams,
    body: { 'application/json': DeleteBody },
    answers: {
      200: json('How many were deleted.', closed({ deleted: Type.Integer({ minimum: 0 }) })),
    },
    problems: [404, 413],
    handler: async (request, reply) => {
      const collection = collections.get(request.params.collection)
      const which = await readJson(request, readDeleteBody)
      const deleted = await longWork(reply, (signal) => collection.deleteMany(which, { signal }))
      return { deleted }
    },
  })
}
