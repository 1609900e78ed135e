import type { IdentityValue } from '../../engine/identity-value.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, partial, Type } from '../schemas/type.ts'

const IdentityParams = closed({
  collection: shared.CollectionParams.properties.collection,
  identity: Type.String({
    description: 'The value of the identity field, percent-encoded.',
    examples: ['person-7'],
  }),
})

const IdentityType = oneOf(
  ['string', 'number', 'boolean'],
  'What the identity of the path is; `string` unless given.',
)

const Count = Type.Integer({ minimum: 0 })

const ReceiptSchema = closed(
  {
    identity: shared.IdentityValue,
    removed: closed({
      records: Count,
      vectors: Type.Integer({
        minimum: 0,
        description: 'Of all models that the collection was embedded with.',
      }),
      originals: Count,
      thumbnails: Count,
      features: Type.Integer({
        minimum: 0,
        description: 'Vectors of the same pictures that trainings had kept.',
      }),
    }),
    complete: Type.Boolean({
      description:
        'Whether no file of the data folder has a byte of it any more. False: that is still being done, as a long read needs the log.',
    }),
    erasedAt: Type.String({ description: 'ISO 8601, UTC.' }),
    untouched: Type.Array(closed({ what: Type.String(), cure: Type.String() }), {
      description: 'What is beyond the reach of the service, such as backups made before.',
    }),
  },
  { title: 'ErasureReceipt' },
)

/** Reads the identity of a path. @throws INVALID_REQUEST for what is not of its type. */
function identityOf(text: string, type: 'string' | 'number' | 'boolean' = 'string'): IdentityValue {
  if (type === 'string') return text
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  const number = Number(text)
  if (type === 'number' && text.trim() !== '' && Number.isFinite(number)) return number
  throw invalidRequest(`/identity: expected a ${type} in the path, got ${JSON.stringify(text)}`)
}

export function registerEraseIdentity(app: App, { collections, longWork }: CallContext): void {
  call(app, 'eraseIdentity', 'DELETE /v1/collections/:collection/identities/:identity', {
    summary: 'Erase an identity: its records, vectors and pictures, from every file',
    tag: 'images',
    params: IdentityParams,
    query: partial({ type: IdentityType }),
    answers: { 200: json('What was removed.', ReceiptSchema) },
    problems: [404, 409],
    handler: async (request, reply) => {
      const { collection, identity } = request.params
      const value = identityOf(identity, request.query.type)
      return await longWork(reply, (signal) => {
        return collections.get(collection).identities.erase(value, signal)
      })
    },
  })
}
