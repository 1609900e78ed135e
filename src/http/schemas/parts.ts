import { type TObjectOptions, type TProperties, Type } from 'typebox'
import { MAX_DIMENSIONS } from '../../engine/collection-spec.ts'

export { Type }

const FLOAT32_BYTES = 4

/** A closed object: a typo in a member's name is an error, never silence. */
export function closed<T extends TProperties>(properties: T, options: TObjectOptions = {}) {
  return Type.Object(properties, { ...options, additionalProperties: false })
}

export function oneOf<const T extends readonly string[]>(values: T, description: string) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: values, description })
}

export const MetadataSchema = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  description: 'Any JSON object of at most 64 KiB and 16 levels.',
  examples: [{ label: 'cat', camera: 'c1' }],
})

export const FilterSchema = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  description:
    'Conditions on metadata: `$eq $ne $in $nin $gt $gte $lt $lte $exists $and $or $not`; a bare value means `$eq`.',
  examples: [{ camera: { $ne: 'c1' }, $or: [{ label: 'cat' }, { label: 'dog' }] }],
})

export const VectorSchema = Type.Array(Type.Number(), {
  minItems: 1,
  maxItems: MAX_DIMENSIONS,
  description: "Finite numbers, as many as the collection's dimensions.",
})

export const VectorInputSchema = Type.Union(
  [
    VectorSchema,
    Type.String({
      minLength: 1,
      maxLength: Math.ceil((MAX_DIMENSIONS * FLOAT32_BYTES) / 3) * 4,
      description: 'The same as little-endian float32 in base64.',
    }),
  ],
  { description: "As many numbers as the collection's dimensions." },
)

export const NoQuery = closed({})

export const CollectionParams = closed({
  collection: Type.String({ description: 'The collection.', examples: ['products'] }),
})

export const RecordParams = closed({
  collection: Type.String({ description: 'The collection.', examples: ['products'] }),
  id: Type.String({
    description: 'Any string of 1 to 512 bytes, percent-encoded: `a/b` is `a%2Fb`.',
    examples: ['cats/1.jpg'],
  }),
})
