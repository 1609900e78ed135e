import type { FastifyRequest } from 'fastify'
import { checkId } from '../../engine/collection-spec.ts'
import type { Metadata } from '../../engine/metadata.ts'
import { parseMetadata, parseMetadataText } from '../../engine/metadata.ts'
import { AppError } from '../../errors.ts'
import type { App } from '../app.ts'
import type { ImageSource } from '../body/image-source.ts'
import { parseJson } from '../body/json-text.ts'
import { jsonPart, readMultipart } from '../body/multipart-body.ts'
import { clientGone } from '../client-gone.ts'
import { answers, body, json } from '../schemas/answers.ts'
import { ImageForm } from '../schemas/forms.ts'
import { RecordParams } from '../schemas/parts.ts'
import { AddAnswer, AddImageQuery, ImageBody } from '../schemas/record.ts'
import type { RouteParts } from './route-parts.ts'
import { rawBody } from './route-parts.ts'

interface Upload {
  readonly image: ImageSource
  readonly metadata: Metadata
}

export function registerImageRoutes(app: App, parts: RouteParts): void {
  app.put('/v1/collections/:collection/images/:id', {
    config: {
      media: ['image/*', 'application/octet-stream', 'multipart/form-data', 'application/json'],
    },
    schema: {
      operationId: 'addImage',
      summary: 'Add or replace one image',
      tags: ['images'],
      params: RecordParams,
      querystring: AddImageQuery,
      body: body({
        'image/*': 'binary',
        'application/octet-stream': 'binary',
        'multipart/form-data': ImageForm,
        'application/json': ImageBody,
      }),
      response: answers(
        { 200: json('Replaced.', AddAnswer), 201: json('Added.', AddAnswer) },
        [400, 404, 409, 413, 415, 422],
      ),
    },
    handler: async (request, reply) => {
      const id = checkId(request.params.id)
      const collection = parts.collections.get(request.params.collection)
      const { image, metadata } = await readUpload(request, request.query.metadata, parts)
      const signal = clientGone(reply)
      const [bytes] = await parts.images.bytesOf([image], reply, signal)
      const result = await collection.addImage({ id, bytes: bytes!, metadata }, { signal })
      return reply.code(result.status === 'added' ? 201 : 200).send(result)
    },
  })
}

async function readUpload(
  request: FastifyRequest,
  queryMetadata: string | undefined,
  { bodies, maxBodyBytes }: RouteParts,
): Promise<Upload> {
  const multipart = request.isMultipart()
  if (!multipart && request.mediaType !== 'application/json') {
    const bytes = rawBody(request)
    if (bytes.byteLength === 0) {
      throw new AppError('INVALID_REQUEST', 'expected an image as the body, got none')
    }
    return {
      image: bytes,
      metadata: queryMetadata === undefined ? {} : parseMetadataText(queryMetadata),
    }
  }
  if (queryMetadata !== undefined) {
    throw new AppError(
      'INVALID_REQUEST',
      `expected metadata inside the ${multipart ? 'multipart' : 'JSON'} body, got it in the query`,
    )
  }
  if (!multipart) return bodies.read('image', rawBody(request))
  const form = await readMultipart(request, maxBodyBytes, { image: 1, metadata: 1 })
  const image = form.find((part) => part.name === 'image')
  if (image === undefined) {
    throw new AppError('INVALID_REQUEST', 'expected a part image, got none')
  }
  const metadata = jsonPart(form, 'metadata')
  return {
    image: image.bytes,
    metadata: metadata === null ? {} : parseMetadata(parseJson(metadata, 'metadata as JSON')),
  }
}
