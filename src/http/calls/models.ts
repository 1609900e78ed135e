import type { CatalogueEntry } from '../../collection/embeddings.ts'
import { type App, type CallContext, call, json } from '../call.ts'
import { closed, oneOf, Type } from '../schemas/type.ts'

const ModelSchema = closed({
  id: Type.String(),
  object: oneOf(['model'], ''),
  created: Type.Integer({ description: 'Seconds since 1970.' }),
  owned_by: Type.String(),
  dimensions: Type.Integer(),
  min_dimensions: Type.Integer({ description: 'The least that `dimensions` of a call may be.' }),
  licence: Type.String(),
  stats: Type.Object({}, { description: "Empty; infinity's client asks for it." }),
})

const ModelsAnswer = closed({ object: oneOf(['list'], ''), data: Type.Array(ModelSchema) })

/** These calls are in the shape of OpenAI's API, their errors too. */
export function registerModels(app: App, { embeddings }: CallContext): void {
  call(app, 'listModels', 'GET /v1/models', {
    scope: 'read',
    beyondCollections: true,
    summary: 'The models there are',
    tag: 'models',
    answers: { 200: json('All models, by name.', ModelsAnswer) },
    handler: async () => ({ object: 'list', data: (await embeddings.models()).map(modelView) }),
  })

  call(app, 'model', 'GET /v1/models/:model', {
    scope: 'read',
    beyondCollections: true,
    summary: 'One model',
    tag: 'models',
    params: closed({ model: Type.String({ description: 'The model.' }) }),
    answers: { 200: json('The model.', ModelSchema) },
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
    stats: {},
  }
}
