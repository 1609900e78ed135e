import type { Reembeddings } from '../../collection/reembed/reembeddings.ts'
import type { App } from '../app.ts'
import { answers, empty, json } from '../schemas/answers.ts'
import * as shared from '../schemas/shared.ts'
import { closed, orNull, Type } from '../schemas/type.ts'

const GenerationsAnswer = closed({
  generations: Type.Array(
    closed({
      generation: Type.Integer(),
      model: Type.String(),
      modelSha256: orNull(Type.String(), {
        description: "Of the model's ONNX file; null where it was not noted in time.",
      }),
      dimensions: Type.Integer(),
      createdAt: Type.String({ description: 'ISO 8601, UTC.' }),
      inForce: Type.Boolean({ description: 'Whether it is the one that is searched.' }),
    }),
  ),
})

const GenerationParams = closed({
  ...shared.CollectionParams.properties,
  generation: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
})

export function registerGenerations(app: App, reembeddings: Reembeddings): void {
  app.get('/v1/collections/:collection/generations', {
    config: { scope: 'read' },
    schema: {
      operationId: 'listGenerations',
      summary:
        'The vectors of a collection by the model that made them; none before the first move',
      tags: ['collections'],
      params: shared.CollectionParams,
      response: answers({ 200: json('The generations.', GenerationsAnswer) }, [400, 404]),
    },
    handler: async ({ params }) => {
      return { generations: await reembeddings.generations(params.collection) }
    },
  })

  app.delete('/v1/collections/:collection/generations/:generation', {
    schema: {
      operationId: 'dropGeneration',
      summary: 'Drop vectors that are not in force',
      tags: ['collections'],
      params: GenerationParams,
      response: answers({ 204: empty('Dropped.') }, [400, 404, 409]),
    },
    handler: async ({ params }, reply) => {
      await reembeddings.drop(params.collection, params.generation)
      return reply.code(204).send()
    },
  })
}
