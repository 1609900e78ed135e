import type { FastifyRequest } from 'fastify'
import { type CatalogueEntry, MAX_EMBEDDED_IMAGES } from '../../collection/embeddings.ts'
import { AppError } from '../../errors.ts'
import type { App } from '../app.ts'
import {
  type EmbeddingFormat,
  type EmbeddingsCall,
  embeddingOptions,
} from '../body/embeddings-body.ts'
import { readMultipart } from '../body/multipart-body.ts'
import { clientGone } from '../client-gone.ts'
import { sendWithList } from '../json-answer.ts'
import { createParser } from '../schema-check.ts'
import { body } from '../schemas/answers.ts'
import {
  EmbeddingFields,
  EmbeddingsAnswer,
  EmbeddingsBody,
  EmbeddingsForm,
  ModelSchema,
  ModelsAnswer,
  openAiAnswers,
} from '../schemas/openai.ts'
import { closed, NoQuery, Type } from '../schemas/parts.ts'
import type { RouteParts } from './route-parts.ts'
import { rawBody } from './route-parts.ts'

const ModelParams = closed({ model: Type.String({ description: 'The model.' }) })
const parseFields = createParser(EmbeddingFields)

/** Calls in the shape of OpenAI's API. What they answer with on errors is openai-error.ts's. */
export function registerOpenAiRoutes(app: App, parts: RouteParts): void {
  app.post('/v1/embeddings', {
    config: { scope: 'read', media: ['application/json', 'multipart/form-data'] },
    schema: {
      operationId: 'embed',
      summary: 'Vectors of images, stored nowhere',
      tags: ['models'],
      querystring: NoQuery,
      body: body({ 'application/json': EmbeddingsBody, 'multipart/form-data': EmbeddingsForm }),
      response: openAiAnswers('One vector an image, in order.', EmbeddingsAnswer),
    },
    handler: async (request, reply) => {
      const { images, format, ...wanted } = await readCall(request, parts)
      const signal = clientGone(reply)
      const input = await parts.images.bytesOf(images, reply, signal)
      const { model, vectors } = await parts.embeddings.embed({ ...wanted, input }, { signal })
      const data = vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: written(vector, format),
      }))
      const usage = { prompt_tokens: vectors.length, total_tokens: vectors.length }
      return sendWithList(reply, 'data', data, { object: 'list', model, usage })
    },
  })
  app.get('/v1/models', {
    config: { scope: 'read' },
    schema: {
      operationId: 'listModels',
      summary: 'The models there are',
      tags: ['models'],
      querystring: NoQuery,
      response: openAiAnswers('All models, by name.', ModelsAnswer),
    },
    handler: async () => ({
      object: 'list',
      data: (await parts.embeddings.models()).map(asModel),
    }),
  })
  app.get('/v1/models/:model', {
    config: { scope: 'read' },
    schema: {
      operationId: 'model',
      summary: 'One model',
      tags: ['models'],
      params: ModelParams,
      querystring: NoQuery,
      response: openAiAnswers('The model.', ModelSchema),
    },
    handler: async (request) => asModel(await parts.embeddings.model(request.params.model)),
  })
}

async function readCall(
  request: FastifyRequest,
  { bodies, maxBodyBytes }: RouteParts,
): Promise<EmbeddingsCall> {
  if (!request.isMultipart()) return bodies.read('embeddings', rawBody(request))
  const names = Object.keys(EmbeddingFields.properties)
  const form = await readMultipart(request, maxBodyBytes, {
    image: MAX_EMBEDDED_IMAGES,
    ...Object.fromEntries(names.map((name) => [name, 1])),
  })
  const images = form.filter(({ name }) => name === 'image').map(({ bytes }) => bytes)
  if (images.length === 0) throw new AppError('INVALID_REQUEST', 'expected a part image, got none')
  const fields = form.filter(({ name }) => name !== 'image')
  const members = fields.map(({ name, bytes }) => [name, fieldValue(name, bytes)])
  return { ...embeddingOptions(parseFields(Object.fromEntries(members))), images }
}

/** Fields of a form are text, also where a number or a boolean is meant. */
function fieldValue(name: string, bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_FIELD_BYTES))
  if (name === 'dimensions' && /^\d{1,9}$/.test(text)) return Number(text)
  if (name === 'normalized' && /^(true|false)$/.test(text)) return text === 'true'
  return text
}

const MAX_FIELD_BYTES = 1024

function written(vector: Float32Array, format: EmbeddingFormat): readonly number[] | string {
  if (format === 'float') return Array.from(vector)
  const bytes = new DataView(new ArrayBuffer(vector.length * 4))
  for (let i = 0; i < vector.length; i++) bytes.setFloat32(i * 4, vector[i]!, true)
  return Buffer.from(bytes.buffer).toString('base64')
}

function asModel({ name, createdAt, dimensions, minDimensions, licence }: CatalogueEntry) {
  return {
    ...{ id: name, object: 'model', created: createdAt, owned_by: 'lookalike' },
    ...{ dimensions, min_dimensions: minDimensions, licence },
  }
}
