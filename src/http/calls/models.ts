import type { CatalogueEntry } from '../../collection/embeddings.ts'
import type { App } from '../app.ts'
import { openAiAnswers } from '../openai-error.ts'
import { closed, oneOf, Type } from '../schemas/type.ts'
import type { CallContext } from './call-context.ts'

const ModelSchema = closed({
  id: Type.String(),
  object: oneOf(['model'], ''),
  created: Type.Integer({ description: 'Seconds since 1970.' }),
  owned_by: Type.String(),
  dimensions: Type.Integer(),
  min_dimensions: Type.Integer({ description: 'The least that `dimensions` of a call may be.' }),
  licence: Type.String(),
})

const ModelsAnswer = closed({ object: oneOf(['list'], ''), data: Type.Array(ModelSchema) })

const ModelParams = closed({ model: Type.String({ description: 'The model.' }) })

/** Registers the calls on models, in the shape of OpenAI's API. */
export function registerModels(app: App, { embeddings }: CallContext): void {
  app.get('/v1/models', {
    config: { scope: 'read' },
    schema: {
      operationId: 'listModels',
      summary: 'The models there are',
      tags: ['models'],
      response: openAiAnswers('All models, by name.', ModelsAnswer),
    },
    handler: async () => ({ object: 'list', data: (await embeddings.models()).map(modelView) }),
  })

  app.get('/v1/models/:model', {
    config: { scope: 'read' },
    schema: {
      operationId: 'model',
      summary: 'One model',
      tags: ['models'],
      params: ModelParams,
      response: openAiAnswers('The model.', ModelSchema),
    },
    handler: async (request) => modelView(await embeddings.model(request.params.model)),
  })
}

function modelView({ name, createdAt, dimensions, minDimensions, licence }: CatalogueEntry) {
  return {
    id: name,
    object: 'model',
    created: createdAt,
    owned_by: 'lookalike',
    dimensions,
    min_dimensions: minDimensions,
    licence,
  }
}
