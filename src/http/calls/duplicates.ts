import {
  DEFAULT_DUPLICATES_LIMIT,
  type DuplicatesRequest,
  MAX_DUPLICATES_LIMIT,
} from '../../collection/duplicates.ts'
import { MAX_GROUP } from '../../collection/neighbour-groups.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, Type, upTo } from '../schemas/type.ts'

const DuplicatesBody = closed(
  {
    by: oneOf(
      ['fingerprint', 'embedding'],
      'What to compare: the same picture, or pictures that look alike.',
    ),
    radius: Type.Number({
      minimum: 0,
      description:
        'Inclusive: bits, whole, at most 16; or a distance in the unit of the collection.',
    }),
    limit: Type.Optional(upTo(MAX_DUPLICATES_LIMIT, 'Groups in one answer.')),
    cursor: Type.Optional(shared.Cursor),
  },
  { examples: [{ by: 'fingerprint', radius: 4 }] },
)

const DuplicatesAnswer = closed({
  groups: Type.Array(
    closed({
      ids: Type.Array(Type.String(), { description: 'In id order.' }),
      complete: Type.Boolean({
        description: `False when the group has more than ${MAX_GROUP} records, of which some are shown.`,
      }),
    }),
    { description: 'Of two or more, in the order of their first ids.' },
  ),
  exact: Type.Boolean(),
  complete: Type.Boolean({ description: 'False when `cursor` gives more.' }),
  cursor: orNull(Type.String()),
  without: Type.Optional(
    Type.Integer({
      description: 'By fingerprint: records that have none, and so are in no group.',
    }),
  ),
})

const parseBody = createJsonParser(DuplicatesBody)

export function readDuplicatesBody(body: Uint8Array): DuplicatesRequest {
  const { by, radius, limit = DEFAULT_DUPLICATES_LIMIT, cursor = null } = parseBody(body)
  return { by, radius, limit, cursor }
}

export function registerDuplicates(app: App, context: CallContext): void {
  call(app, 'duplicates', 'POST /v1/collections/:collection/duplicates', {
    scope: 'read',
    summary: 'Groups of records that are the same picture, or look alike',
    tag: 'search',
    params: shared.CollectionParams,
    body: { 'application/json': DuplicatesBody },
    answers: { 200: json('Groups by their first ids.', DuplicatesAnswer) },
    problems: [404, 413, 415],
    handler: async (request, reply) => {
      const collection = context.collections.get(request.params.collection)
      const wanted = await context.readJson(request, readDuplicatesBody)
      return await context.longWork(reply, (signal) => collection.duplicates(wanted, { signal }))
    },
  })
}
