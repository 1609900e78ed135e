import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import {
  type CombinedRequest,
  MAX_QUERY_EXAMPLES,
  MAX_QUERY_IMAGES,
  MAX_QUERY_PARTS,
  type QueryExample,
  type SearchQuery,
} from '../../collection/requests.ts'
import { checkId } from '../../engine/collection-spec.ts'
import { COMBINATIONS } from '../../engine/query.ts'
import { type ImageReader, type ImageSource, imageSource } from '../body/image-source.ts'
import { isMultipart, jsonPart, readMultipart } from '../body/multipart-body.ts'
import { vectorNumbers } from '../body/vector-input.ts'
import type { CallContext } from '../call.ts'
import type { BodyReader, QueryLimits } from '../query-limits.ts'
import { invalidRequest } from '../schema-check.ts'
import * as shared from '../schemas/shared.ts'
import { oneOf, partial, Type } from '../schemas/type.ts'

const ExampleSchema = partial(
  { id: Type.String(), vector: shared.VectorInput, image: shared.ImageSource },
  {
    title: 'Example',
    description: 'Exactly one of `id`, `vector` and `image`.',
    oneMemberOf: [['id'], ['vector'], ['image']],
  },
)

const queryMembers = {
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
} as const
const ONE_MEMBER = [['image'], ['images'], ['id'], ['vector'], ['positive', 'negative']]
const EXACTLY_ONE =
  'Exactly one of `image`, `images`, `id`, `vector`, or `positive` with or without `negative`.'

/** The member `query` of a count and the like. */
export const QuerySchema = partial(queryMembers, {
  title: 'PlainQuery',
  description: EXACTLY_ONE,
  oneMemberOf: ONE_MEMBER,
  examples: [{ id: 'cats/1.jpg' }],
})

const PartSchema = partial(
  {
    ...queryMembers,
    weight: Type.Number({ exclusiveMinimum: 0, maximum: 1e9, description: 'By default 1.' }),
    by: oneOf(
      ['embedding', 'fingerprint'],
      'What to compare: vectors, unless given, or the bits of fingerprints of images, from a record by `id`.',
    ),
  },
  { title: 'QueryPart', description: EXACTLY_ONE, oneMemberOf: ONE_MEMBER },
)

/** The member `query` of a search. */
export const SearchQuerySchema = partial(
  {
    ...queryMembers,
    all: Type.Array(PartSchema, {
      minItems: 1,
      maxItems: MAX_QUERY_PARTS,
      description: 'Several things to be near at once.',
    }),
    combine: oneOf(COMBINATIONS, 'Of the weighted distances, by default their sum.'),
  },
  {
    description: `${EXACTLY_ONE} Or \`all\`, with or without \`combine\`.`,
    title: 'SearchQuery',
    oneMemberOf: [...ONE_MEMBER, ['all', 'combine']],
    examples: [{ id: 'cats/1.jpg' }],
  },
)

/** Reads several queries at once; null where there is one. */
export function toCombined(
  query: Static<typeof SearchQuerySchema>,
  files: readonly Uint8Array[],
): CombinedRequest<ImageSource> | null {
  const { all, combine, ...others } = query
  if (all === undefined) {
    if (combine === undefined) return null
    throw invalidRequest(`/query/combine: expected all beside it, got ${combine} alone`)
  }
  const given = [...Object.keys(others), ...(files.length > 0 ? ['image parts'] : [])]
  if (given.length > 0) {
    throw invalidRequest(`/query: expected nothing beside all, got ${given.join(' and ')}`)
  }
  const parts = all.map(({ weight = 1, by = 'embedding', ...part }, i) => {
    if (by === 'fingerprint' && part.id === undefined) {
      const got = Object.keys(part).join(' and ') || 'none'
      throw invalidRequest(`/query/all/${i}: expected id beside by "fingerprint", got ${got}`)
    }
    return { query: toQuery(part, [], `/query/all/${i}`), weight, by }
  })
  return { parts, combine: combine ?? 'sum' }
}

/** @param files images that came beside the query, as parts of a form. */
export function toQuery(
  query: Static<typeof QuerySchema>,
  files: readonly Uint8Array[],
  at = '/query',
): SearchQuery<ImageSource> {
  const given = Object.keys(query).filter((name) => name !== 'negative')
  if (query.negative !== undefined && query.positive === undefined) given.push('negative')
  if (files.length > 0) given.push('image parts')
  if (given.length !== 1 || given[0] === 'negative') {
    throw invalidRequest(
      `${at}: expected exactly one of image, images, id, vector, positive (with or without negative) and image parts, got ${given.join(' and ') || 'none'}`,
    )
  }
  if (query.positive !== undefined) {
    return {
      positive: query.positive.map((item, i) => toExample(item, `${at}/positive/${i}`)),
      negative: (query.negative ?? []).map((item, i) => toExample(item, `${at}/negative/${i}`)),
    }
  }
  if (query.images === undefined && files.length === 0) {
    return { positive: [toExample(query, at)], negative: [] }
  }
  const images = query.images?.map((item, i) => imageSource(item, `${at}/images/${i}`)) ?? files
  return { positive: images.map((bytes) => ({ kind: 'image', bytes })), negative: [] }
}

function toExample(
  { id, vector, image }: Static<typeof ExampleSchema>,
  at: string,
): QueryExample<ImageSource> {
  const given = Object.entries({ id, vector, image }).filter(([, value]) => value !== undefined)
  if (given.length !== 1) {
    const got = given.map(([name]) => name).join(' and ') || 'none'
    throw invalidRequest(`${at}: expected exactly one of id, vector and image, got ${got}`)
  }
  if (id !== undefined) return { kind: 'id', id: checkId(id) }
  if (vector !== undefined) return { kind: 'vector', vector: vectorNumbers(vector, `${at}/vector`) }
  return { kind: 'image', bytes: imageSource(image!, `${at}/image`) }
}

/**
 * Reads a search from its JSON, or from a form of that JSON as `request` and images.
 *
 * @param readBody reads a JSON body; it stands in BODY_READERS.
 * @param toRequest reads parsed JSON and the images that came beside it.
 */
export async function readSearch<Request>(
  request: FastifyRequest,
  { readJson, maxBodyBytes, limits }: CallContext,
  readBody: BodyReader<Request>,
  toRequest: (input: unknown, files: readonly Uint8Array[], limits: QueryLimits) => Request,
): Promise<Request> {
  if (!isMultipart(request)) return readJson(request, readBody)
  const form = await readMultipart(request, maxBodyBytes, { image: MAX_QUERY_IMAGES, request: 1 })
  const files = form.filter(({ name }) => name === 'image').map(({ bytes }) => bytes)
  return toRequest(jsonPart(form, 'request', 'the request part as JSON'), files, limits)
}

/** Gives the query with the bytes of all its images, for which `readImages` is called once. */
export async function withImageBytes(
  query: SearchQuery<ImageSource>,
  readImages: ImageReader,
): Promise<SearchQuery> {
  const examples = await examplesWithBytes([...query.positive, ...query.negative], readImages)
  const { length } = query.positive
  return { positive: examples.slice(0, length), negative: examples.slice(length) }
}

export async function examplesWithBytes(
  examples: readonly QueryExample<ImageSource>[],
  readImages: ImageReader,
): Promise<readonly QueryExample[]> {
  const images = examples.flatMap((example) => (example.kind === 'image' ? [example.bytes] : []))
  const bytes = (await readImages(images)).values()
  return examples.map((example) =>
    example.kind === 'image' ? { kind: 'image', bytes: bytes.next().value! } : example,
  )
}

/** The same of several queries at once. */
export async function combinedWithBytes(
  { parts, combine }: CombinedRequest<ImageSource>,
  readImages: ImageReader,
): Promise<CombinedRequest> {
  const examples = parts.flatMap(({ query }) => [...query.positive, ...query.negative])
  const read = (await examplesWithBytes(examples, readImages)).values()
  const withBytes = (list: readonly unknown[]) => list.map(() => read.next().value!)
  return {
    parts: parts.map(({ query, ...rest }) => {
      const positive = withBytes(query.positive)
      return { ...rest, query: { positive, negative: withBytes(query.negative) } }
    }),
    combine,
  }
}
