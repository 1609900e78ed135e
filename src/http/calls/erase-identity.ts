import { identityOfText } from '../../engine/identity-value.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import * as shared from '../schemas/shared.ts'
import { closed, partial, Type } from '../schemas/type.ts'
import { IdentityParams, IdentityType } from './identities.ts'

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
      facts: Type.Integer({
        minimum: 0,
        description: 'Its own metadata, and what says that it is not another identity.',
      }),
      changes: Type.Integer({
        minimum: 0,
        description: 'Changes of the history that named it or its records; they cannot be undone.',
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
      const value = identityOfText(identity, request.query.type)
      return await longWork(reply, (signal) => {
        return collections.get(collection).identities.erase(value, { signal })
      })
    },
  })
}
