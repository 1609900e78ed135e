import { checkCollectionName } from '../../engine/collection-spec.ts'
import type { App } from '../app.ts'
import { answers, body, empty, json } from '../schemas/answers.ts'
import {
  CollectionListSchema,
  CollectionSchema,
  CreateCollectionBody,
} from '../schemas/collection.ts'
import { CollectionParams, NoQuery } from '../schemas/parts.ts'
import type { RouteParts } from './route-parts.ts'
import { rawBody } from './route-parts.ts'

const tags = ['collections']
const MAX_CREATE_BYTES = 64 * 1024

export function registerCollectionRoutes(app: App, { collections, bodies }: RouteParts): void {
  app.put('/v1/collections/:collection', {
    bodyLimit: MAX_CREATE_BYTES,
    config: { media: ['application/json'] },
    schema: {
      operationId: 'createCollection',
      summary: 'Create a collection; the same again changes nothing',
      tags,
      params: CollectionParams,
      querystring: NoQuery,
      body: body({ 'application/json': CreateCollectionBody }),
      response: answers(
        {
          200: json('An equal collection was there.', CollectionSchema),
          201: json('Created.', CollectionSchema),
        },
        [400, 404, 409],
      ),
    },
    handler: async (request, reply) => {
      const name = checkCollectionName(request.params.collection)
      const wanted = await bodies.read('create', rawBody(request))
      const { created, status } = await collections.create({ ...wanted, name })
      return reply.code(created ? 201 : 200).send(status)
    },
  })

  app.get('/v1/collections', {
    config: { scope: 'read' },
    schema: {
      operationId: 'listCollections',
      summary: 'All collections',
      tags,
      querystring: NoQuery,
      response: answers({ 200: json('All collections.', CollectionListSchema) }, [400]),
    },
    handler: async () => ({ collections: await collections.list() }),
  })

  app.get('/v1/collections/:collection', {
    config: { scope: 'read' },
    schema: {
      operationId: 'getCollection',
      summary: 'Count, bytes and plan of a collection',
      tags,
      params: CollectionParams,
      querystring: NoQuery,
      response: answers({ 200: json('The collection.', CollectionSchema) }, [400, 404]),
    },
    handler: (request) => collections.get(request.params.collection).status(),
  })

  app.delete('/v1/collections/:collection', {
    config: { scope: 'write' },
    schema: {
      operationId: 'dropCollection',
      summary: 'Drop a collection and all its records',
      tags,
      params: CollectionParams,
      querystring: NoQuery,
      response: answers({ 204: empty('Dropped.') }, [400, 404]),
    },
    handler: async (request, reply) => {
      await collections.drop(request.params.collection)
      return reply.code(204).send()
    },
  })
}
