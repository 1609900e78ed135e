import { checkId } from '../../engine/collection-spec.ts'
import { type Filter, parseFilter } from '../../engine/filter.ts'
import { AppError } from '../../errors.ts'
import type { App } from '../app.ts'
import { parseJson } from '../body/json-text.ts'
import { createParser } from '../schema-check.ts'
import { answers, body, json } from '../schemas/answers.ts'
import * as shared from '../schemas/shared.ts'
import { closed, partial, Type } from '../schemas/type.ts'
import type { CallContext } from './call-context.ts'

const DeleteBody = partial(
  {
    ids: Type.Array(Type.String(), { maxItems: shared.MAX_BATCH }),
    filter: shared.Filter,
  },
  { description: 'Exactly one of `ids` and `filter`.', examples: [{ ids: ['a', 'b'] }] },
)

const DeleteAnswer = closed({ deleted: Type.Integer({ minimum: 0 }) })

const parseBody = createParser(DeleteBody)

/** Reads `{ ids }` or `{ filter }`: an empty body must not delete everything. */
export function readDeleteBody(body: Uint8Array): { ids: readonly string[] } | { filter: Filter } {
  const { ids, filter } = parseBody(parseJson(body))
  if (ids !== undefined && filter === undefined) return { ids: ids.map(checkId) }
  if (filter !== undefined && ids === undefined) return { filter: parseFilter(filter) }
  const got = ids === undefined ? 'neither' : 'both'
  throw new AppError('INVALID_REQUEST', `expected one of ids and filter, got ${got}`)
}

export function registerDeleteRecords(app: App, { collections, readJson }: CallContext): void {
  app.post('/v1/collections/:collection/images/delete', {
    schema: {
      operationId: 'deleteRecords',
      summary: 'Delete records by ids or by filter; unknown ids are no error',
      tags: ['images'],
      params: shared.CollectionParams,
      body: body({ 'application/json': DeleteBody }),
      response: answers({ 200: json('How many were deleted.', DeleteAnswer) }, [400, 404, 413]),
    },
    handler: async (request) => {
      const collection = collections.get(request.params.collection)
      const which = await readJson(request, readDeleteBody)
      return { deleted: await collection.deleteMany(which) }
    },
  })
}
