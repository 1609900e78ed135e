import { checkId } from '../../engine/collection-spec.ts'
import { type Metadata, parseMetadata } from '../../engine/metadata.ts'
import { createJsonParser } from '../body/json-text.ts'
import { type App, type CallContext, call, empty, json } from '../call.ts'
import { withPlainVector } from '../json-answer.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, orNull, partial, Type } from '../schemas/type.ts'

export const RecordSchema = closed(
  {
    id: Type.String(),
    metadata: shared.Metadata,
    image: orNull(
      closed({
        contentHash: Type.String({ description: 'SHA-256 of the uploaded bytes.' }),
        mediaType: Type.String(),
        width: Type.Integer({ description: 'Pixels, upright.' }),
        height: Type.Integer({ description: 'Pixels, upright.' }),
        bytes: Type.Integer(),
        fingerprint: orNull(Type.String(), {
          description:
            'A perceptual hash of 64 bits in hexadecimal; null for a plain image, and for one stored before there were fingerprints.',
        }),
      }),
    ),
    hasContent: Type.Boolean({ description: 'Whether the image or a thumbnail was kept.' }),
    updatedAt: Type.String({ description: 'ISO 8601, UTC.' }),
    expiresAt: Type.Optional(
      Type.String({ description: 'When it is deleted, where that is set. ISO 8601, UTC.' }),
    ),
    vector: Type.Optional(shared.Vector),
  },
  { title: 'Record' },
)

export const IncludeVector = oneOf(['vector'], 'Also answer with the stored vector.')

const PatchBody = closed(
  { metadata: shared.Metadata },
  {
    description: 'A JSON merge patch (RFC 7396): members replace, null removes.',
    examples: [{ metadata: { label: 'dog', camera: null } }],
  },
)

const parsePatch = createJsonParser(PatchBody)

export function readPatchBody(body: Uint8Array): Metadata {
  return parseMetadata(parsePatch(body).metadata)
}

export function registerRecord(app: App, { collections, readJson }: CallContext): void {
  call(app, 'getRecord', 'GET /v1/collections/:collection/images/:id', {
    scope: 'read',
    summary: 'One record',
    tag: 'images',
    params: shared.RecordParams,
    query: partial({ include: IncludeVector }),
    answers: { 200: json('The record.', RecordSchema) },
    problems: [404],
    handler: async (request) => {
      const id = checkId(request.params.id)
      const collection = collections.get(request.params.collection)
      const vector = request.query.include === 'vector'
      return withPlainVector(await collection.record(id, { vector }))
    },
  })

  call(app, 'patchRecord', 'PATCH /v1/collections/:collection/images/:id', {
    // Metadata of 64 KiB, its letters escaped.
    bodyLimit: 512 * 1024,
    summary: 'Change metadata',
    tag: 'images',
    params: shared.RecordParams,
    body: { 'application/json': PatchBody },
    answers: { 200: json('The record as it is now.', RecordSchema) },
    problems: [404, 413],
    handler: async (request) => {
      const id = checkId(request.params.id)
      const collection = collections.get(request.params.collection)
      const patch = await readJson(request, readPatchBody)
      return withPlainVector(await collection.patchMetadata(id, patch))
    },
  })

  call(app, 'deleteRecord', 'DELETE /v1/collections/:collection/images/:id', {
    summary: 'Delete one record',
    tag: 'images',
    params: shared.RecordParams,
    answers: { 204: empty('Deleted.') },
    problems: [404],
    handler: async (request, reply) => {
      const id = checkId(request.params.id)
      await collections.get(request.params.collection).delete(id)
      return reply.code(204).send()
    },
  })
}
