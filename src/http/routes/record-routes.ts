import { DEFAULT_LIMIT } from '../../collection/service.ts'
import { checkId } from '../../engine/collection-spec.ts'
import type { Filter } from '../../engine/filter.ts'
import { parseFilter } from '../../engine/filter.ts'
import { AppError } from '../../errors.ts'
import type { App } from '../app.ts'
import { sendWithList } from '../json-answer.ts'
import { answers, binary, body, empty, json } from '../schemas/answers.ts'
import { CollectionParams, NoQuery, RecordParams } from '../schemas/parts.ts'
import {
  DeleteAnswer,
  DeleteBody,
  PatchBody,
  RecordPageSchema,
  RecordQuery,
  RecordSchema,
  ScrollQuery,
} from '../schemas/record.ts'
import { withPlainVector, withPlainVectors } from '../views.ts'
import type { RouteParts } from './route-parts.ts'
import { rawBody } from './route-parts.ts'

const tags = ['images']
/** Metadata of 64 KiB, its letters escaped. */
const MAX_PATCH_BYTES = 512 * 1024

export function registerRecordRoutes(app: App, parts: RouteParts): void {
  const { collections, bodies } = parts
  registerReads(app, parts)

  app.patch('/v1/collections/:collection/images/:id', {
    bodyLimit: MAX_PATCH_BYTES,
    config: { media: ['application/json'] },
    schema: {
      operationId: 'patchRecord',
      summary: 'Change metadata',
      tags,
      params: RecordParams,
      querystring: NoQuery,
      body: body({ 'application/json': PatchBody }),
      response: answers({ 200: json('The record as it is now.', RecordSchema) }, [400, 404, 413]),
    },
    handler: async (request) => {
      const id = checkId(request.params.id)
      const collection = collections.get(request.params.collection)
      const patch = await bodies.read('patch', rawBody(request))
      return withPlainVector(await collection.patchMetadata(id, patch))
    },
  })

  app.delete('/v1/collections/:collection/images/:id', {
    schema: {
      operationId: 'deleteRecord',
      summary: 'Delete one record',
      tags,
      params: RecordParams,
      querystring: NoQuery,
      response: answers({ 204: empty('Deleted.') }, [400, 404]),
    },
    handler: async (request, reply) => {
      const id = checkId(request.params.id)
      await collections.get(request.params.collection).delete(id)
      return reply.code(204).send()
    },
  })

  app.post('/v1/collections/:collection/images/delete', {
    config: { media: ['application/json'] },
    schema: {
      operationId: 'deleteRecords',
      summary: 'Delete records by ids or by filter; unknown ids are no error',
      tags,
      params: CollectionParams,
      querystring: NoQuery,
      body: body({ 'application/json': DeleteBody }),
      response: answers({ 200: json('How many were deleted.', DeleteAnswer) }, [400, 404, 413]),
    },
    handler: async (request) => {
      const collection = collections.get(request.params.collection)
      const which = await bodies.read('delete', rawBody(request))
      return { deleted: await collection.deleteMany(which) }
    },
  })
}

function registerReads(app: App, { collections }: RouteParts): void {
  app.get('/v1/collections/:collection/images', {
    config: { scope: 'read' },
    schema: {
      operationId: 'scrollRecords',
      summary: 'Records in id order, page by page',
      tags,
      params: CollectionParams,
      querystring: ScrollQuery,
      response: answers(
        { 200: json('A page; `cursor` is null at the end.', RecordPageSchema) },
        [400, 404],
      ),
    },
    handler: async (request, reply) => {
      const { limit = DEFAULT_LIMIT, cursor = null, filter, include } = request.query
      const page = await collections.get(request.params.collection).page({
        limit,
        cursor,
        filter: filter === undefined ? null : filterOf(filter),
        vector: include === 'vector',
      })
      return sendWithList(reply, 'records', withPlainVectors(page.records), { cursor: page.cursor })
    },
  })

  app.get('/v1/collections/:collection/images/:id', {
    config: { scope: 'read' },
    schema: {
      operationId: 'getRecord',
      summary: 'One record',
      tags,
      params: RecordParams,
      querystring: RecordQuery,
      response: answers({ 200: json('The record.', RecordSchema) }, [400, 404]),
    },
    handler: async (request) => {
      const id = checkId(request.params.id)
      const vector = request.query.include === 'vector'
      return withPlainVector(
        await collections.get(request.params.collection).record(id, { vector }),
      )
    },
  })

  app.get('/v1/collections/:collection/images/:id/content', {
    config: { scope: 'read' },
    schema: {
      operationId: 'getContent',
      summary: 'The kept original or thumbnail',
      tags,
      params: RecordParams,
      querystring: NoQuery,
      response: answers({ 200: binary('The image.', 'image/*') }, [400, 404]),
    },
    handler: async (request, reply) => {
      const id = checkId(request.params.id)
      const kept = await collections.get(request.params.collection).content(id)
      // An original may be of a kind that runs scripts when it is opened as a page.
      reply.header('content-security-policy', "default-src 'none'; sandbox").type(kept.mediaType)
      const { buffer, byteOffset, byteLength } = kept.bytes
      return reply.send(Buffer.from(buffer, byteOffset, byteLength))
    },
  })
}

function filterOf(text: string): Filter {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new AppError('INVALID_FILTER', `expected the filter as JSON: ${String(cause)}`, { cause })
  }
  return parseFilter(value)
}
