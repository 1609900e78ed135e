import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { checkNewId } from '../../engine/collection-spec.ts'
import { parseMetadata, parseMetadataText } from '../../engine/metadata.ts'
import { expiryOf, expiryPart } from '../body/expiry.ts'
import { imageSource } from '../body/image-source.ts'
import { createJsonParser } from '../body/json-text.ts'
import { useBody } from '../body/lent-body.ts'
import { imageParts, isMultipart, jsonPart, readMultipart } from '../body/multipart-body.ts'
import { type App, type CallContext, call, clientGone, json, rawBody } from '../call.ts'
import { invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, partial, Type } from '../schemas/type.ts'

const PutImageQuery = partial({
  metadata: Type.String({
    description: 'Metadata of a raw image body, as JSON.',
    examples: ['{"a":1}'],
  }),
  expiresAt: shared.ExpiresAt,
})

const ImageForm = closed({
  image: shared.File,
  metadata: Type.Optional(shared.Metadata),
  expiresAt: Type.Optional(shared.ExpiresAt),
})

const ImageBody = closed(
  {
    ...shared.ImageSource.properties,
    metadata: Type.Optional(shared.Metadata),
    expiresAt: Type.Optional(shared.ExpiresAt),
  },
  {
    title: 'Image',
    oneMemberOf: [['data'], ['url']],
    examples: [{ data: shared.EXAMPLE_PNG, metadata: { label: 'cat' } }],
  },
)

export const Held = Type.Optional(
  Type.Array(closed({ reason: Type.String(), value: Type.Number(), limit: Type.Number() }), {
    description: 'Why it was stored without its identity, by the quality that is asked for.',
  }),
)

export const AddAnswer = closed(
  {
    id: Type.String(),
    status: oneOf(['added', 'replaced'], 'Whether the id was new.'),
    held: Held,
  },
  { title: 'Added' },
)

const parseBody = createJsonParser(ImageBody)

/** Reads `{ data | url, metadata? }`. */
export function readImageBody(body: Uint8Array) {
  const { metadata, expiresAt, ...source } = parseBody(body)
  return {
    metadata: parseMetadata(metadata),
    image: imageSource(source, ''),
    ...expiryOf(expiresAt, '/expiresAt'),
  }
}

export function registerPutImage(app: App, context: CallContext): void {
  call(app, 'addImage', 'PUT /v1/collections/:collection/images/:id', {
    summary: 'Add or replace one image',
    tag: 'images',
    params: shared.RecordParams,
    query: PutImageQuery,
    body: {
      'image/*': shared.File,
      'application/octet-stream': shared.File,
      'multipart/form-data': ImageForm,
      'application/json': ImageBody,
    },
    answers: { 200: json('Replaced.', AddAnswer), 201: json('Added.', AddAnswer) },
    problems: [404, 409, 413, 415, 422],
    lendsBody: true,
    handler: async (request, reply) => {
      const id = checkNewId(request.params.id)
      const collection = context.collections.get(request.params.collection)
      const { image, ...rest } = await readUpload(request, request.query, context)
      const signal = clientGone(reply)
      const [bytes] = await context.imageReader(reply, signal)([image])
      const input = { id, bytes: bytes!, ...rest }
      const result = await useBody(request, () => collection.addImage(input, { signal }))
      return reply.code(result.status === 'added' ? 201 : 200).send(result)
    },
  })
}

async function readUpload(
  request: FastifyRequest,
  query: Static<typeof PutImageQuery>,
  { readJson, maxBodyBytes }: CallContext,
) {
  const multipart = isMultipart(request)
  if (!multipart && request.mediaType !== 'application/json') {
    const image = rawBody(request)
    if (image.byteLength === 0) throw invalidRequest('expected an image as the body, got none')
    const metadata = query.metadata === undefined ? {} : parseMetadataText(query.metadata)
    return { image, metadata, ...expiryOf(query.expiresAt, '/expiresAt') }
  }
  const [given] = Object.keys(query)
  if (given !== undefined) {
    throw invalidRequest(
      `expected ${given} inside the ${multipart ? 'multipart' : 'JSON'} body, got it in the query`,
    )
  }
  if (!multipart) return readJson(request, readImageBody)
  const form = await readMultipart(request, maxBodyBytes, { image: 1, metadata: 1, expiresAt: 1 })
  const [image] = imageParts(form)
  const metadata = jsonPart(form, 'metadata', 'metadata as JSON')
  return { image: image!.bytes, metadata: parseMetadata(metadata), ...expiryPart(form) }
}
