import type { App } from '../app.ts'
import { clientGone } from '../client-gone.ts'
import { answers, body, json } from '../schemas/answers.ts'
import { DuplicatesAnswerSchema, DuplicatesBody } from '../schemas/duplicates.ts'
import { CollectionParams, NoQuery } from '../schemas/parts.ts'
import type { RouteParts } from './route-parts.ts'
import { rawBody } from './route-parts.ts'

export function registerDuplicatesRoute(app: App, { collections, bodies }: RouteParts): void {
  app.post('/v1/collections/:collection/duplicates', {
    config: { scope: 'read', media: ['application/json'] },
    schema: {
      operationId: 'duplicates',
      summary: 'Groups of records that are the same picture, or look alike',
      tags: ['search'],
      params: CollectionParams,
      querystring: NoQuery,
      body: body({ 'application/json': DuplicatesBody }),
      response: answers({ 200: json('Groups by their first ids.', DuplicatesAnswerSchema) }, [
        ...[400, 404, 413, 415],
      ]),
    },
    handler: async (request, reply) => {
      const collection = collections.get(request.params.collection)
      const wanted = await bodies.read('duplicates', rawBody(request))
      return await collection.duplicates(wanted, { signal: clientGone(reply) })
    },
  })
}
