import type { CreateCollection } from '../../collection/requests.ts'
import { checkCollectionName, MAX_DIMENSIONS } from '../../engine/collection-spec.ts'
import { parseJson } from '../body/json-text.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { createParser } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { partial, Type } from '../schemas/type.ts'
import { CollectionSchema, MetricSchema, settings } from './collections.ts'

const FieldName = Type.String({ minLength: 1, maxLength: 256 })

const CreateCollectionBody = partial(
  {
    model: Type.String({ minLength: 1, maxLength: 128, description: 'The embedding model.' }),
    metric: MetricSchema,
    dimensions: Type.Integer({
      minimum: 1,
      maximum: MAX_DIMENSIONS,
      description: 'Without `model`: a collection of vectors only.',
    }),
    fields: Type.Array(FieldName, { maxItems: 64, description: 'Metadata fields to filter by.' }),
    identityField: FieldName,
    cameraField: FieldName,
    ...settings,
  },
  { examples: [{ metric: 'cosine', keep: 'thumbnail' }] },
)

const MAX_BODY_BYTES = 64 * 1024

const parseBody = createParser(CreateCollectionBody)

/** Reads what to create, its name left out. No body at all means every default. */
export function readCreateBody(body: Uint8Array): Omit<CreateCollection, 'name'> {
  return parseBody(body.byteLength === 0 ? {} : parseJson(body))
}

export function registerCreateCollection(app: App, { collections, readJson }: CallContext): void {
  call(app, 'createCollection', 'PUT /v1/collections/:collection', {
    bodyLimit: MAX_BODY_BYTES,
    summary: 'Create a collection; the same again changes nothing',
    tag: 'collections',
    params: shared.CollectionParams,
    body: { 'application/json': CreateCollectionBody },
    answers: {
      200: json('An equal collection was there.', CollectionSchema),
      201: json('Created.', CollectionSchema),
    },
    problems: [404, 409],
    handler: async (request, reply) => {
      const name = checkCollectionName(request.params.collection)
      const members = await readJson(request, readCreateBody)
      const { created, status } = await collections.create({ ...members, name })
      return reply.code(created ? 201 : 200).send(status)
    },
  })
}
