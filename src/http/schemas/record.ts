import { MAX_LIMIT } from '../../collection/service.ts'
import {
  closed,
  FilterSchema,
  MetadataSchema,
  oneOf,
  Type,
  VectorInputSchema,
  VectorSchema,
} from './parts.ts'

/** Ids or points in one request. */
const MAX_BATCH = 10_000

export const ImageSourceSchema = closed(
  {
    data: Type.Optional(Type.String({ description: 'The image file, base64.' })),
    url: Type.Optional(Type.String({ description: 'Where to fetch the image, if allowed.' })),
  },
  { description: 'Exactly one of `data` and `url`.', examples: [{ data: 'iVBORw0KGgo=' }] },
)

export const ImageBody = closed(
  { ...ImageSourceSchema.properties, metadata: Type.Optional(MetadataSchema) },
  { examples: [{ data: 'iVBORw0KGgo=', metadata: { label: 'cat' } }] },
)

const PointSchema = closed({
  id: Type.String(),
  vector: VectorInputSchema,
  metadata: Type.Optional(MetadataSchema),
})

export const VectorsBody = closed(
  { points: Type.Array(PointSchema, { minItems: 1, maxItems: MAX_BATCH }) },
  { examples: [{ points: [{ id: 'a', vector: [0.1, 0.2, 0.3], metadata: { label: 'cat' } }] }] },
)

export const PatchBody = closed(
  { metadata: MetadataSchema },
  {
    description: 'A JSON merge patch (RFC 7396): members replace, null removes.',
    examples: [{ metadata: { label: 'dog', camera: null } }],
  },
)

export const DeleteBody = closed(
  {
    ids: Type.Optional(Type.Array(Type.String(), { maxItems: MAX_BATCH })),
    filter: Type.Optional(FilterSchema),
  },
  { description: 'Exactly one of `ids` and `filter`.', examples: [{ ids: ['a', 'b'] }] },
)

export const DeleteAnswer = closed({ deleted: Type.Integer({ minimum: 0 }) })

const Status = oneOf(['added', 'replaced'], 'Whether the id was new.')

export const AddAnswer = closed({ id: Type.String(), status: Status })

export const AddVectorsAnswer = closed({ results: Type.Array(AddAnswer) })

export const AddImagesAnswer = closed({
  results: Type.Array(
    closed({
      id: Type.String(),
      status: oneOf(['added', 'replaced', 'failed'], 'What became of this file.'),
      error: Type.Optional(
        closed({ code: Type.String(), status: Type.Integer(), detail: Type.String() }),
      ),
    }),
  ),
})

export const RecordSchema = closed({
  id: Type.String(),
  metadata: MetadataSchema,
  image: Type.Union([
    closed({
      contentHash: Type.String({ description: 'SHA-256 of the uploaded bytes.' }),
      mediaType: Type.String(),
      width: Type.Integer({ description: 'Pixels, upright.' }),
      height: Type.Integer({ description: 'Pixels, upright.' }),
      bytes: Type.Integer(),
      fingerprint: Type.Union([Type.String(), Type.Null()], {
        description:
          'A perceptual hash of 64 bits in hexadecimal; null for an image stored before there were fingerprints.',
      }),
    }),
    Type.Null(),
  ]),
  hasContent: Type.Boolean({ description: 'Whether the image or a thumbnail was kept.' }),
  updatedAt: Type.String({ description: 'ISO 8601, UTC.' }),
  vector: Type.Optional(VectorSchema),
})

export const RecordPageSchema = closed({
  records: Type.Array(RecordSchema),
  cursor: Type.Union([Type.String(), Type.Null()]),
})

const IncludeVector = Type.Optional(oneOf(['vector'], 'Also answer with the stored vector.'))

export const RecordQuery = closed({ include: IncludeVector })

export const ScrollQuery = closed({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_LIMIT, description: 'Records in one page.' }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 4096 })),
  filter: Type.Optional(
    Type.String({ maxLength: 65_536, description: 'A filter, as JSON.', examples: ['{"a":1}'] }),
  ),
  include: IncludeVector,
})

export const AddImageQuery = closed({
  metadata: Type.Optional(
    Type.String({ description: 'Metadata of a raw image body, as JSON.', examples: ['{"a":1}'] }),
  ),
})
