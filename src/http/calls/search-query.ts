import type { Static } from 'typebox'
import type { QueryExample, SearchQuery } from '../../collection/requests.ts'
import { MAX_QUERY_EXAMPLES, MAX_QUERY_IMAGES } from '../../collection/requests.ts'
import { checkId } from '../../engine/collection-spec.ts'
import { AppError } from '../../errors.ts'
import { type ImageSource, imageSource } from '../body/image-source.ts'
import { vectorNumbers } from '../body/vector-input.ts'
import * as shared from '../schemas/shared.ts'
import { partial, Type } from '../schemas/type.ts'

const ExampleSchema = partial(
  {
    id: Type.String(),
    vector: shared.VectorInput,
    image: shared.ImageSource,
  },
  { description: 'Exactly one of `id`, `vector` and `image`.' },
)

/** The member `query` of a search. */
export const QuerySchema = partial(
  {
    image: shared.ImageSource,
    images: Type.Array(shared.ImageSource, {
      minItems: 1,
      maxItems: MAX_QUERY_IMAGES,
      description: 'Several views of one subject.',
    }),
    id: Type.String({ description: 'A record; it is left out of the answer.' }),
    vector: shared.VectorInput,
    positive: Type.Array(ExampleSchema, { minItems: 1, maxItems: MAX_QUERY_EXAMPLES }),
    negative: Type.Array(ExampleSchema, { maxItems: MAX_QUERY_EXAMPLES }),
  },
  {
    description:
      'Exactly one of `image`, `images`, `id`, `vector`, or `positive` with or without `negative`.',
    examples: [{ id: 'cats/1.jpg' }],
  },
)

/** @param files images that came beside the query, as parts of a form. */
export function toQuery(
  query: Static<typeof QuerySchema>,
  files: readonly Uint8Array[],
): SearchQuery<ImageSource> {
  const given = Object.keys(query).filter((name) => name !== 'negative')
  if (query.negative !== undefined && query.positive === undefined) given.push('negative')
  if (files.length > 0) given.push('image parts')
  if (given.length !== 1 || given[0] === 'negative') {
    throw new AppError(
      'INVALID_REQUEST',
      `/query: expected exactly one of image, images, id, vector, positive (with or without negative) and image parts, got ${given.join(' and ') || 'none'}`,
    )
  }
  if (query.positive !== undefined) {
    return {
      positive: query.positive.map((item, i) => toExample(item, `/query/positive/${i}`)),
      negative: (query.negative ?? []).map((item, i) => toExample(item, `/query/negative/${i}`)),
    }
  }
  if (query.images === undefined && files.length === 0) {
    return { positive: [toExample(query, '/query')], negative: [] }
  }
  const images = query.images?.map((item, i) => imageSource(item, `/query/images/${i}`)) ?? files
  return { positive: images.map((bytes) => ({ kind: 'image', bytes })), negative: [] }
}

function toExample(
  { id, vector, image }: Static<typeof ExampleSchema>,
  at: string,
): QueryExample<ImageSource> {
  const given = Object.entries({ id, vector, image }).filter(([, value]) => value !== undefined)
  if (given.length !== 1) {
    const got = given.map(([name]) => name).join(' and ') || 'none'
    throw new AppError(
      'INVALID_REQUEST',
      `${at}: expected exactly one of id, vector and image, got ${got}`,
    )
  }
  if (id !== undefined) return { kind: 'id', id: checkId(id) }
  if (vector !== undefined) return { kind: 'vector', vector: vectorNumbers(vector, `${at}/vector`) }
  return { kind: 'image', bytes: imageSource(image!, `${at}/image`) }
}

type BytesOf = (images: readonly ImageSource[]) => Promise<readonly Uint8Array[]>

/** Gives the query with the bytes of all its images, for which `bytesOf` is called once. */
export async function withImageBytes(
  query: SearchQuery<ImageSource>,
  bytesOf: BytesOf,
): Promise<SearchQuery> {
  const examples = await examplesWithBytes([...query.positive, ...query.negative], bytesOf)
  const { length } = query.positive
  return { positive: examples.slice(0, length), negative: examples.slice(length) }
}

export async function examplesWithBytes(
  examples: readonly QueryExample<ImageSource>[],
  bytesOf: BytesOf,
): Promise<readonly QueryExample[]> {
  const images = examples.flatMap((example) => (example.kind === 'image' ? [example.bytes] : []))
  const bytes = (await bytesOf(images)).values()
  return examples.map((example) =>
    example.kind === 'image' ? { kind: 'image', bytes: bytes.next().value! } : example,
  )
}
