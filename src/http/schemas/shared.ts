import { MAX_DIMENSIONS } from '../../engine/collection-spec.ts'
import { closed, oneOf, orNull, partial, Type } from './type.ts'

const FLOAT32_BYTES = 4
/** Base64 in lines of 60 letters or more, with the two characters that end each. */
const SHARE_OF_BREAKS = 62 / 60

export const Metadata = Type.Unsafe<Record<string, unknown>>({
  title: 'Metadata',
  type: 'object',
  additionalProperties: true,
  description: 'Any JSON object of at most 64 KiB and 16 levels.',
  examples: [{ label: 'cat', camera: 'c1' }],
})

export const ExpiresAt = Type.String({
  maxLength: 64,
  description:
    'ISO 8601 with a zone. The record is deleted some seconds after it, or earlier, as `retainFor` of the collection says.',
  examples: ['2030-12-31T23:59:59Z'],
})

export const Filter = Type.Unsafe<Record<string, unknown>>({
  title: 'Filter',
  type: 'object',
  additionalProperties: true,
  description:
    'Conditions on metadata: `$eq $ne $in $nin $gt $gte $lt $lte $exists $and $or $not`; a bare value means `$eq`.',
  examples: [{ camera: { $ne: 'c1' }, $or: [{ label: 'cat' }, { label: 'dog' }] }],
})

export const Vector = Type.Array(Type.Number(), {
  title: 'Vector',
  minItems: 1,
  maxItems: MAX_DIMENSIONS,
  description: "Finite numbers, as many as the collection's dimensions.",
})

export const VectorInput = Type.Union(
  [
    Vector,
    Type.String({
      minLength: 1,
      maxLength: Math.ceil(Math.ceil((MAX_DIMENSIONS * FLOAT32_BYTES) / 3) * 4 * SHARE_OF_BREAKS),
      description: 'The same as little-endian float32 in base64, in one line or several.',
    }),
  ],
  { title: 'VectorInput', description: "As many numbers as the collection's dimensions." },
)

/** An image that can be sent: 8 x 8 pixels. */
export const EXAMPLE_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAcElEQVQI1w3LQREAQAjDwEhBClKQgpRKQUqd9O6byQIUaRiyIHJg8nOq6MoUW1FxFdf/m+p0M51t1LnG/cWkhp7MsBMNN/F8sdSml9nsos0t3i+UEq2MWEXiFOuLoy59zGUPXe7wfeGUaWfMOjLn2Dy6G1fhukb11AAAAABJRU5ErkJggg=='

export const ImageSource = partial(
  {
    data: Type.String({ description: 'The image file in base64, bare or as a data URI.' }),
    url: Type.String({ description: 'Where to fetch the image, if allowed.' }),
  },
  {
    title: 'ImageSource',
    description: 'Exactly one of `data` and `url`.',
    oneMemberOf: [['data'], ['url']],
    examples: [{ data: EXAMPLE_PNG }],
  },
)

export const IdentityValue = Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
  title: 'IdentityValue',
})

const Share = Type.Number({ minimum: 0, maximum: 1 })

export const MeasuredRecall = closed(
  {
    filter: oneOf(
      ['all', '>10%', '<=10%', '<=1%', '<=0.1%'],
      'Share of the records that the filter lets through; all: no filter.',
    ),
    ef: Type.Integer({ description: 'Candidates that the graph keeps in sight for k up to 10.' }),
    recall: Share,
    low: Share,
    high: Share,
    queries: Type.Integer({ description: 'Real queries of late that were answered exactly too.' }),
  },
  { title: 'MeasuredRecall' },
)

/** The most ids or points in one request. */
export const MAX_BATCH = 10_000

/** A file in a form. */
export const File = Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' })

/** Describes a part of a form that may come several times, each a file. */
export function files(description: string) {
  return Type.Unsafe<Uint8Array[]>({ type: 'array', items: File, minItems: 1, description })
}

export const Cursor = orNull(Type.String({ maxLength: 4096 }))

export const Timings = closed(
  {
    decodeMs: Type.Number(),
    embedMs: Type.Number(),
    searchMs: Type.Number(),
    totalMs: Type.Number(),
  },
  { title: 'Timings' },
)

const CollectionName = Type.String({ description: 'The collection.', examples: ['products'] })

export const CollectionParams = closed({ collection: CollectionName })

export const RecordParams = closed({
  collection: CollectionName,
  id: Type.String({
    description: 'Any string of 1 to 512 bytes, percent-encoded: `a/b` is `a%2Fb`.',
    examples: ['cats/1.jpg'],
  }),
})
