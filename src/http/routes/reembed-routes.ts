import type { App } from '../app.ts'
import { jobView } from '../job-view.ts'
import { answers, body, empty, json } from '../schemas/answers.ts'
import { JobSchema } from '../schemas/job.ts'
import { CollectionParams, NoQuery } from '../schemas/parts.ts'
import { GenerationListSchema, GenerationParams, ReembedBody } from '../schemas/reembed.ts'
import type { JobUseCases } from './job-routes.ts'
import type { RouteParts } from './route-parts.ts'
import { rawBody } from './route-parts.ts'

export function registerReembedRoutes(
  app: App,
  { bodies }: RouteParts,
  { reembeddings }: JobUseCases,
): void {
  app.post('/v1/collections/:collection/reembed', {
    config: { scope: 'write', media: ['application/json'] },
    schema: {
      operationId: 'reembed',
      summary: 'Move a collection to another model, as a job',
      tags: ['jobs'],
      params: CollectionParams,
      querystring: NoQuery,
      body: body({ 'application/json': ReembedBody }),
      response: answers({ 202: json('The job; `Location` is its place.', JobSchema) }, [
        ...[400, 404, 409, 413, 415],
      ]),
    },
    handler: async (request, reply) => {
      const wanted = await bodies.read('reembed', rawBody(request))
      const job = await reembeddings.start(request.params.collection, wanted)
      return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(jobView(job))
    },
  })

  app.get('/v1/collections/:collection/generations', {
    config: { scope: 'read' },
    schema: {
      operationId: 'listGenerations',
      summary:
        'The vectors of a collection by the model that made them; none before the first move',
      tags: ['collections'],
      params: CollectionParams,
      querystring: NoQuery,
      response: answers({ 200: json('The generations.', GenerationListSchema) }, [400, 404]),
    },
    handler: async ({ params }) => {
      return { generations: await reembeddings.generations(params.collection) }
    },
  })

  app.delete('/v1/collections/:collection/generations/:generation', {
    config: { scope: 'write' },
    schema: {
      operationId: 'dropGeneration',
      summary: 'Drop vectors that are not in force',
      tags: ['collections'],
      params: GenerationParams,
      querystring: NoQuery,
      response: answers({ 204: empty('Dropped.') }, [400, 404, 409]),
    },
    handler: async ({ params }, reply) => {
      await reembeddings.drop(params.collection, params.generation)
      return reply.code(204).send()
    },
  })
}
