import { type Static, type TSchema, Type } from 'typebox'
import { MAX_EMBEDDED_IMAGES } from '../../collection/embeddings.ts'
import { MAX_DIMENSIONS } from '../../engine/collection-spec.ts'
import { json } from './answers.ts'
import { closed, oneOf } from './parts.ts'

const FORMATS = ['float', 'base64'] as const

const OPTIONS = {
  model: Type.Optional(
    Type.String({ description: 'Default: the default model.', examples: ['efficientnet-lite0'] }),
  ),
  encoding_format: Type.Optional(
    oneOf(FORMATS, '`base64`: little-endian float32. Default: float.'),
  ),
  embedding_type: Type.Optional(oneOf(FORMATS, 'The same, as Jina names it.')),
  dimensions: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_DIMENSIONS,
      description: 'So many of the first numbers, for models that allow it.',
    }),
  ),
  normalized: Type.Optional(Type.Boolean({ description: 'Whether vectors have unit length.' })),
  modality: Type.Optional(oneOf(['image'], "infinity's: images are all that is embedded here.")),
  user: Type.Optional(Type.String({ description: 'Without effect.' })),
  task: Type.Optional(Type.String({ description: 'Without effect.' })),
}

/** What may stand beside the images. */
const OptionsSchema = closed(OPTIONS)
export type EmbeddingOptions = Static<typeof OptionsSchema>

/** Of a form: no images, which are parts of their own; numbers are text. */
export const EmbeddingFields = closed(OPTIONS)

/** The members of a body; its input is checked image by image. */
export const EmbeddingsMembers = closed({ ...OPTIONS, input: Type.Unsafe<unknown>({}) })

const Image = {
  anyOf: [
    { type: 'string', description: 'A data URI in base64, or an http or https URL.' },
    closed({ image: Type.String({ description: 'The same, or bare base64.' }) }),
  ],
}

export const EmbeddingsBody = closed(
  {
    input: Type.Unsafe<unknown>({
      anyOf: [
        ...Image.anyOf,
        { type: 'array', items: Image, minItems: 1, maxItems: MAX_EMBEDDED_IMAGES },
      ],
      description: 'One image, or a list of them.',
    }),
    ...OPTIONS,
  },
  { examples: [{ model: 'efficientnet-lite0', input: ['data:image/png;base64,iVBORw0KGgo='] }] },
)

export const EmbeddingsForm = closed({
  ...OPTIONS,
  image: Type.Unsafe<Uint8Array[]>({
    type: 'array',
    items: { type: 'string', format: 'binary' },
    description: 'Repeated; answered in the order sent.',
  }),
})

export const EmbeddingsAnswer = closed({
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

export const ModelSchema = closed({
  id: Type.String(),
  object: oneOf(['model'], ''),
  created: Type.Integer({ description: 'Seconds since 1970.' }),
  owned_by: Type.String(),
  dimensions: Type.Integer(),
  min_dimensions: Type.Integer({ description: 'The least that `dimensions` of a call may be.' }),
  licence: Type.String(),
})

export const ModelsAnswer = closed({
  object: oneOf(['list'], ''),
  data: Type.Array(ModelSchema),
})

const ErrorSchema = closed({
  error: closed({
    message: Type.String(),
    type: Type.String(),
    param: Type.Union([Type.String(), Type.Null()]),
    code: Type.String({ description: 'What docs/errors.md explains.' }),
  }),
})

/** The answers of a route that clients of OpenAI's API call: errors have their shape. */
export function openAiAnswers(description: string, schema: TSchema) {
  return {
    200: json(description, schema),
    default: json("What went wrong, in the shape of OpenAI's API.", ErrorSchema),
  }
}
