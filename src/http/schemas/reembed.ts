import { closed, oneOf, Type } from './parts.ts'

const FromFolder = closed({
  folder: Type.String({
    maxLength: 4096,
    description:
      'Below `LOOKALIKE_IMPORT_ROOT`: the file of a record is named by its id, and must have its content.',
  }),
})

export const ReembedBody = closed(
  {
    model: Type.String({ minLength: 1, maxLength: 128, description: 'The new embedding model.' }),
    from: Type.Optional(
      Type.Union(
        [
          oneOf(
            ['originals', 'vectors'],
            'The pictures that the collection kept; or its vectors, for a model trained on the one that made them.',
          ),
          FromFolder,
        ],
        {
          description: 'What the new vectors are made of; `originals` unless given.',
        },
      ),
    ),
    missing: Type.Optional(
      oneOf(
        ['fail', 'keep'],
        'Of records whose picture is missing: `fail` changes nothing; with `keep` they stay, and no search finds them.',
      ),
    ),
  },
  { examples: [{ model: 'efficientnet-lite0', from: 'originals' }] },
)

export const GenerationListSchema = closed({
  generations: Type.Array(
    closed({
      generation: Type.Integer(),
      model: Type.String(),
      modelSha256: Type.Union([Type.String(), Type.Null()], {
        description: "Of the model's ONNX file; null where it was not noted in time.",
      }),
      dimensions: Type.Integer(),
      createdAt: Type.String({ description: 'ISO 8601, UTC.' }),
      inForce: Type.Boolean({ description: 'Whether it is the one that is searched.' }),
    }),
  ),
})

export const GenerationParams = closed({
  collection: Type.String({ description: 'The collection.', examples: ['products'] }),
  generation: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
})
