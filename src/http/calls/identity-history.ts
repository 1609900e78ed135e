import { IDENTITY_CHANGES, MAX_CHANGES_KEPT } from '../../engine/identity-store.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, partial, Type, upTo } from '../schemas/type.ts'
import { CurationAnswerSchema, curated } from './curate-identities.ts'

const DEFAULT_CHANGES = 100
const MAX_CHANGES = 1000

const HistoryAnswer = closed({
  changes: Type.Array(
    closed(
      {
        change: Type.Integer({ description: 'Its number.' }),
        at: Type.String({ description: 'ISO 8601, UTC.' }),
        by: orNull(Type.String(), { description: 'The name of the key; null without one.' }),
        kind: oneOf(IDENTITY_CHANGES, '`describe`: own metadata.'),
        what: Type.Unsafe<Record<string, unknown>>({
          type: 'object',
          additionalProperties: true,
          description: 'The identities that it is about, as in the request.',
        }),
        records: Type.Integer({ description: 'Whose identity was changed.' }),
        undoes: orNull(Type.Integer()),
        undoneBy: orNull(Type.Integer(), { description: 'The change that took it back.' }),
      },
      { title: 'PastIdentityChange' },
    ),
    { description: `The newest first. The last ${MAX_CHANGES_KEPT} are kept.` },
  ),
  cursor: orNull(Type.String()),
})

const UndoBody = closed(
  { change: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { title: 'UndoRequest', examples: [{ change: 7 }] },
)

const parseUndo = createJsonParser(UndoBody)

export function readUndoBody(body: Uint8Array): { change: number } {
  return parseUndo(body)
}

export function registerIdentityHistory(app: App, context: CallContext): void {
  const { collections, readJson, longWork } = context

  call(app, 'identityHistory', 'GET /v1/collections/:collection/identities/history', {
    scope: 'read',
    summary: 'Changes of identities: who, when and what',
    tag: 'images',
    params: shared.CollectionParams,
    query: partial({
      limit: upTo(MAX_CHANGES, `Changes in one page; ${DEFAULT_CHANGES}.`),
      cursor: Type.String({ maxLength: 4096 }),
    }),
    answers: { 200: json('A page; `cursor` is null at the end.', HistoryAnswer) },
    problems: [404, 409],
    handler: async ({ params, query }) => {
      const { limit = DEFAULT_CHANGES, cursor = null } = query
      return await collections.get(params.collection).identities.curation.history(limit, cursor)
    },
  })

  call(app, 'undoIdentityChange', 'POST /v1/collections/:collection/identities/undo', {
    summary: 'Take back a change of identities',
    tag: 'images',
    params: shared.CollectionParams,
    body: { 'application/json': UndoBody },
    answers: { 200: json('The change that took it back.', CurationAnswerSchema) },
    problems: [404, 409, 413, 415],
    handler: async (request, reply) => {
      const { curation } = collections.get(request.params.collection).identities
      const { change } = await readJson(request, readUndoBody)
      return await curated(request, reply, longWork, (options) => curation.undo(change, options))
    },
  })
}
