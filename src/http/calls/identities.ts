import type { IdentityEdit } from '../../collection/identities/plan-moves.ts'
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../collection/requests.ts'
import { identityOfText } from '../../engine/identity-value.ts'
import { parseMetadata } from '../../engine/metadata.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { sendWithList } from '../json-answer.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, partial, Type, upTo } from '../schemas/type.ts'
import { curated } from './curate-identities.ts'
import { filterOf } from './scroll-records.ts'

const IdentityMembers = {
  identity: shared.IdentityValue,
  records: Type.Integer({ description: 'That it has now.' }),
  metadata: shared.Metadata,
}

const ListQuery = partial({
  limit: upTo(MAX_LIMIT, 'Identities in one page.'),
  cursor: Type.String({ maxLength: 8192 }),
  text: Type.String({
    maxLength: 512,
    description: 'Only those whose value has this in it, in letters of either case.',
  }),
  filter: Type.String({
    maxLength: 65_536,
    description: 'A filter of `identity`, `records` and `metadata`, as JSON.',
    examples: ['{"records":{"$gte":2}}'],
  }),
})

const ListAnswer = closed({
  identities: Type.Array(closed(IdentityMembers, { title: 'Identity' }), {
    description: 'By value: false, true, numbers, then text.',
  }),
  total: Type.Integer({ description: 'On all pages.' }),
  cursor: orNull(Type.String()),
})

export const IdentityParams = closed({
  ...shared.CollectionParams.properties,
  identity: Type.String({
    description: 'The value of the identity field, percent-encoded.',
    examples: ['person-7'],
  }),
})

export const IdentityType = oneOf(
  ['text', 'number', 'boolean'],
  'What the identity in the path is; `text` unless given.',
)

const TypeQuery = partial({
  type: IdentityType,
})

const ShownIdentity = {
  ...IdentityMembers,
  differs: Type.Array(shared.IdentityValue, { description: 'Who is said not to be the same.' }),
}

const EditBody = partial(
  {
    identity: Type.Union(shared.IdentityValue.anyOf, { description: 'A new name.' }),
    metadata: shared.Metadata,
  },
  {
    title: 'IdentityEdit',
    description: '`metadata` is a JSON merge patch (RFC 7396) of its own metadata.',
    examples: [{ identity: 'alice', metadata: { team: 'red' } }],
  },
)

const EditAnswer = closed({
  ...ShownIdentity,
  change: orNull(Type.Integer(), {
    description: 'Its number in the history; null: all was so already.',
  }),
})

const parseEdit = createJsonParser(EditBody)

export function readIdentityEdit(body: Uint8Array): IdentityEdit {
  const { metadata, ...rest } = parseEdit(body)
  return metadata === undefined ? rest : { ...rest, metadata: parseMetadata(metadata) }
}

export function registerIdentities(app: App, context: CallContext): void {
  const { collections, limits, readJson, longWork } = context

  call(app, 'listIdentities', 'GET /v1/collections/:collection/identities', {
    scope: 'read',
    summary: 'Identities with the numbers of their records, page by page',
    tag: 'images',
    params: shared.CollectionParams,
    query: ListQuery,
    answers: { 200: json('A page; `cursor` is null at the end.', ListAnswer) },
    problems: [404, 409],
    handler: async ({ params, query }, reply) => {
      const { limit = DEFAULT_LIMIT, cursor = null, text = null } = query
      const { curation } = collections.get(params.collection).identities
      const filter = query.filter === undefined ? null : filterOf(query.filter, limits)
      const wanted = { limit, cursor, text, filter }
      const { identities, ...others } = await longWork(reply, (signal) =>
        curation.page(wanted, signal),
      )
      return sendWithList(reply, 'identities', identities, others)
    },
  })

  call(app, 'getIdentity', 'GET /v1/collections/:collection/identities/:identity', {
    scope: 'read',
    summary: 'One identity',
    tag: 'images',
    params: IdentityParams,
    query: TypeQuery,
    answers: { 200: json('The identity.', closed(ShownIdentity)) },
    problems: [404, 409],
    handler: async ({ params, query }, reply) => {
      const identity = identityOfText(params.identity, query.type)
      const { curation } = collections.get(params.collection).identities
      return await longWork(reply, (signal) => curation.identity(identity, signal))
    },
  })

  call(app, 'patchIdentity', 'PATCH /v1/collections/:collection/identities/:identity', {
    // Metadata of 64 KiB, its letters escaped.
    bodyLimit: 512 * 1024,
    summary: 'Rename an identity, or change its own metadata',
    tag: 'images',
    params: IdentityParams,
    query: TypeQuery,
    body: { 'application/json': EditBody },
    answers: { 200: json('The identity as it is now.', EditAnswer) },
    problems: [404, 409, 413, 415, 422],
    handler: async (request, reply) => {
      const identity = identityOfText(request.params.identity, request.query.type)
      const { curation } = collections.get(request.params.collection).identities
      const edit = await readJson(request, readIdentityEdit)
      const { change } = await curated(request, reply, longWork, (options) =>
        curation.edit(identity, edit, options),
      )
      return { ...(await curation.identity(edit.identity ?? identity)), change }
    },
  })
}
