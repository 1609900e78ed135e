import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { MAX_EMBEDDED_IMAGES } from '../../collection/embeddings.ts'
import { MAX_DIMENSIONS } from '../../engine/collection-spec.ts'
import { parseJson } from '../body/json-text.ts'
import { imageParts, isMultipart, readMultipart } from '../body/multipart-body.ts'
import { type App, type CallContext, call, clientGone, json } from '../call.ts'
import { sendWithList } from '../json-answer.ts'
import { createParser } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { closed, oneOf, partial, Type, upTo } from '../schemas/type.ts'
import { InputSchema, inputImages, invalid } from './embed-input.ts'

const FORMATS = ['float', 'base64'] as const

/** The members that may stand beside the images. */
const OptionsSchema = partial({
  model: Type.String({
    description: 'Default: the default model.',
    examples: ['efficientnet-lite2-lite0-int8'],
  }),
  encoding_format: oneOf(FORMATS, '`base64`: little-endian float32. Default: float.'),
  embedding_type: oneOf(FORMATS, 'The same, as Jina names it.'),
  dimensions: upTo(MAX_DIMENSIONS, 'So many of the first numbers, for models that allow it.'),
  normalized: Type.Boolean({ description: 'Whether vectors have unit length.' }),
  modality: oneOf(['image'], "infinity's: images are all that is embedded here."),
  user: Type.String({ description: 'Without effect.' }),
  task: Type.String({ description: 'Without effect.' }),
  truncate: Type.Boolean({ description: "Jina's, for texts: without effect." }),
  late_chunking: Type.Boolean({ description: "Jina's, for texts: without effect." }),
})

const EmbedBody = closed(
  { input: InputSchema, ...OptionsSchema.properties },
  {
    examples: [
      {
        model: 'efficientnet-lite2-lite0-int8',
        input: [`data:image/png;base64,${shared.EXAMPLE_PNG}`],
      },
    ],
  },
)

const EmbedForm = closed({
  ...OptionsSchema.properties,
  image: shared.files('Repeated; answered in the order sent.'),
})

const EmbedAnswer = closed({
  object: oneOf(['list'], ''),
  model: Type.String(),
  data: Type.Array(
    closed({
      object: oneOf(['embedding'], ''),
      index: Type.Integer(),
      embedding: Type.Unsafe<number[] | string>({
        anyOf: [{ type: 'array', items: { type: 'number' } }, { type: 'string' }],
      }),
    }),
  ),
  usage: closed({
    prompt_tokens: Type.Integer({ description: 'Images.' }),
    total_tokens: Type.Integer({ description: 'Images.' }),
  }),
})

const parseOptions = createParser(OptionsSchema)
/** The input is checked image by image. */
const parseBody = createParser(
  closed({ ...OptionsSchema.properties, input: Type.Unsafe<unknown>({}) }),
)

/** Reads the images and how to answer, as clients of OpenAI, infinity or Jina ask for it. */
export function readEmbeddingsBody(body: Uint8Array) {
  const { input, ...options } = parseBody(withoutUnset(parseJson(body)))
  return { ...toOptions(options), images: inputImages(input) }
}

/**
 * Leaves out what clients send for members that are not set: null, and 0 for `dimensions`. Takes Jina's list of one type
 * for the type.
 */
function withoutUnset(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const members = Object.entries(body).filter(([name, value]) => {
    return name === 'input' || (value !== null && !(name === 'dimensions' && value === 0))
  })
  const { embedding_type: type, ...others } = Object.fromEntries(members)
  if (type === undefined) return others
  return { ...others, embedding_type: Array.isArray(type) && type.length === 1 ? type[0] : type }
}

/** @throws INVALID_REQUEST where the two names of the format contradict each other. */
function toOptions(options: Static<typeof OptionsSchema>) {
  const { encoding_format: openAi, embedding_type: jina } = options
  if (openAi !== undefined && jina !== undefined && openAi !== jina) {
    throw invalid('/embedding_type', `expected ${openAi} as encoding_format says, got ${jina}`)
  }
  return {
    model: options.model ?? null,
    dimensions: options.dimensions ?? null,
    unit: options.normalized ?? null,
    format: openAi ?? jina ?? 'float',
  }
}

/** The call is in the shape of OpenAI's API, its errors too. */
export function registerEmbed(app: App, context: CallContext): void {
  call(app, 'embed', 'POST /v1/embeddings', {
    scope: 'read',
    beyondCollections: true,
    summary: 'Vectors of images, stored nowhere',
    tag: 'models',
    body: { 'application/json': EmbedBody, 'multipart/form-data': EmbedForm },
    answers: { 200: json('One vector an image, in order.', EmbedAnswer) },
    handler: async (request, reply) => {
      const { images, format, ...options } = await readRequest(request, context)
      const signal = clientGone(reply)
      const input = await context.imageReader(reply, signal)(images)
      const { model, vectors } = await context.embeddings.embed({ ...options, input }, { signal })
      const data = vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: format === 'float' ? Array.from(vector) : toBase64(vector),
      }))
      const usage = { prompt_tokens: vectors.length, total_tokens: vectors.length }
      return sendWithList(reply, 'data', data, { object: 'list', model, usage })
    },
  })
}

async function readRequest(request: FastifyRequest, { readJson, maxBodyBytes }: CallContext) {
  if (!isMultipart(request)) return readJson(request, readEmbeddingsBody)
  const names = Object.keys(OptionsSchema.properties)
  const form = await readMultipart(request, maxBodyBytes, {
    image: MAX_EMBEDDED_IMAGES,
    ...Object.fromEntries(names.map((name) => [name, 1])),
  })
  const images = imageParts(form).map(({ bytes }) => bytes)
  const fields = form.filter(({ name }) => name !== 'image')
  const members = fields.map(({ name, bytes }) => [name, fieldValue(name, bytes)])
  return { ...toOptions(parseOptions(Object.fromEntries(members))), images }
}

const MAX_FIELD_BYTES = 1024

/** Fields of a form are text, also where a number or a boolean is meant. */
function fieldValue(name: string, bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_FIELD_BYTES))
  if (name === 'dimensions' && /^\d{1,9}$/.test(text)) return Number(text)
  if (name === 'normalized' && /^(true|false)$/.test(text)) return text === 'true'
  return text
}

function toBase64(vector: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4))
  for (let i = 0; i < vector.length; i++) bytes.setFloat32(i * 4, vector[i]!, true)
  return Buffer.from(bytes.buffer).toString('base64')
}
