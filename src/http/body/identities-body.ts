import type { Static } from 'typebox'
import type { IdentitySearchRequest, IdentitySet } from '../../collection/search-identities.ts'
import type { QueryExample } from '../../collection/service.ts'
import { checkId } from '../../engine/collection-spec.ts'
import { AppError } from '../../errors.ts'
import { createParser } from '../schema-check.ts'
import { IdentitySearchBody } from '../schemas/identities.ts'
import { type ImageSource, imageSource } from './image-source.ts'
import { parseJson } from './json-text.ts'
import { vectorNumbers } from './vector-input.ts'

type QueryInput = NonNullable<Static<typeof IdentitySearchBody>['query']>

const parseBody = createParser(IdentitySearchBody)

/** A JSON search of identities. */
export function readIdentitiesBody(body: Uint8Array): IdentitySearchRequest<ImageSource> {
  return toRequest(parseJson(body), [])
}

/** The `request` part (none: every default) and the image files of a multipart search of identities. */
export function readIdentitiesParts(
  request: Uint8Array | null,
  images: readonly Uint8Array[],
): IdentitySearchRequest<ImageSource> {
  return toRequest(request === null ? {} : parseJson(request, 'the request part as JSON'), images)
}

function toRequest(
  input: unknown,
  files: readonly Uint8Array[],
): IdentitySearchRequest<ImageSource> {
  const { query = {}, k = null, radius = null, include = [] } = parseBody(input)
  return { query: toQuery(query, files), k, radius, explain: include.includes('explain') }
}

function toQuery(query: QueryInput, files: readonly Uint8Array[]): IdentitySet<ImageSource> {
  const given = [...Object.keys(query), ...(files.length > 0 ? ['image parts'] : [])]
  if (given.length !== 1) {
    throw new AppError(
      'INVALID_REQUEST',
      `/query: expected exactly one of identity, images, ids, vectors and image parts, got ${given.join(' and ') || 'none'}`,
    )
  }
  const { identity, images = [], ids = [], vectors = [] } = query
  if (identity !== undefined) return { kind: 'identity', identity }
  const examples: QueryExample<ImageSource>[] = [
    ...files.map((bytes) => ({ kind: 'image', bytes }) as const),
    ...images.map((image, i) => {
      return { kind: 'image', bytes: imageSource(image, `/query/images/${i}`) } as const
    }),
    ...ids.map((id) => ({ kind: 'id', id: checkId(id) }) as const),
    ...vectors.map((vector, i) => {
      return { kind: 'vector', vector: vectorNumbers(vector, `/query/vectors/${i}`) } as const
    }),
  ]
  return { kind: 'examples', examples }
}
