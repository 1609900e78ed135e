import { type App, type CallContext, call, empty, json } from '../call.ts'
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

export function registerGenerations(app: App, { jobs: { reembeddings } }: CallContext): void {
  call(app, 'listGenerations', 'GET /v1/collections/:collection/generations', {
    scope: 'read',
    summary: 'The vectors of a collection by the model that made them; none before the first move',
    tag: 'collections',
    params: shared.CollectionParams,
    answers: { 200: json('The generations.', GenerationsAnswer) },
    problems: [404],
    handler: async ({ params }) => {
      return { generations: await reembeddings.generations(params.collection) }
    },
  })

  call(app, 'dropGeneration', 'DELETE /v1/collections/:collection/generations/:generation', {
    summary: 'Drop vectors that are not active',
    tag: 'collections',
    params: GenerationParams,
    answers: { 204: empty('Dropped.') },
    problems: [404, 409],
    handler: async ({ params }, reply) => {
      await reembeddings.drop(params.collection, params.generation)
      return reply.code(204).send()
    },
  })
}
