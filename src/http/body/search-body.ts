import type { Static } from 'typebox'
import type { QueryExample, SearchQuery, SearchRequest } from '../../collection/service.ts'
import { DEFAULT_LIMIT, MAX_QUERY_IMAGES } from '../../collection/service.ts'
import { checkId } from '../../engine/collection-spec.ts'
import { parseFilter } from '../../engine/filter.ts'
import { AppError, shown } from '../../errors.ts'
import { createParser } from '../schema-check.ts'
import type { QuerySchema } from '../schemas/search.ts'
import { SearchBody } from '../schemas/search.ts'
import { type ImageSource, imageSource } from './image-source.ts'
import { parseJson } from './json-text.ts'
import { vectorNumbers } from './vector-input.ts'

type QueryInput = Static<typeof QuerySchema>
type ExampleInput = NonNullable<QueryInput['positive']>[number]

const parseBody = createParser(SearchBody)

/** A JSON search body. */
export function readSearchBody(body: Uint8Array): SearchRequest<ImageSource> {
  return toRequest(parseJson(body), [])
}

/** The `request` part (none: every default) and the image files of a multipart search. */
export function readSearchParts(
  request: Uint8Array | null,
  images: readonly Uint8Array[],
): SearchRequest<ImageSource> {
  return toRequest(request === null ? {} : parseJson(request, 'the request part as JSON'), images)
}

function toRequest(input: unknown, images: readonly Uint8Array[]): SearchRequest<ImageSource> {
  const body = parseBody(input)
  if (body.groupSize !== undefined && body.groupBy === undefined) {
    throw new AppError(
      'INVALID_REQUEST',
      `/groupSize: expected groupBy beside it, got groupSize ${body.groupSize} alone`,
    )
  }
  if (body.groupBy !== undefined && typeof body.cursor === 'string') {
    throw new AppError(
      'INVALID_REQUEST',
      '/cursor: expected none beside groupBy, whose answer comes in one piece, got one',
    )
  }
  if (body.ef !== undefined && body.accuracy !== 'approximate') {
    throw new AppError(
      'INVALID_REQUEST',
      `/ef: expected accuracy "approximate" beside it, got ${body.accuracy === undefined ? 'none' : shown(body.accuracy)}`,
    )
  }
  return {
    query: toQuery(body.query ?? {}, images),
    k: body.k ?? null,
    radius: body.radius ?? null,
    filter: body.filter === undefined ? null : parseFilter(body.filter),
    groupBy: body.groupBy ?? null,
    groupSize: body.groupSize ?? 1,
    exactIndex: body.exactIndex ?? 'scan',
    accuracy: body.accuracy ?? 'auto',
    ...(body.ef !== undefined && { ef: body.ef }),
    include: body.include ?? [],
    limit: body.limit ?? DEFAULT_LIMIT,
    cursor: body.cursor ?? null,
  }
}

function toQuery(query: QueryInput, files: readonly Uint8Array[]): SearchQuery<ImageSource> {
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
      kind: 'examples',
      positive: query.positive.map((item, i) => toExample(item, `/query/positive/${i}`)),
      negative: (query.negative ?? []).map((item, i) => toExample(item, `/query/negative/${i}`)),
    }
  }
  if (query.images !== undefined) {
    const images = query.images.map((item, i) => imageSource(item, `/query/images/${i}`))
    return { kind: 'views', images }
  }
  if (files.length === 0) return { kind: 'one', example: toExample(query, '/query') }
  if (files.length > MAX_QUERY_IMAGES) {
    throw new AppError(
      'INVALID_REQUEST',
      `expected 1 to ${MAX_QUERY_IMAGES} image parts, got ${files.length}`,
    )
  }
  return files.length === 1
    ? { kind: 'one', example: { kind: 'image', bytes: files[0]! } }
    : { kind: 'views', images: files }
}

function toExample({ id, vector, image }: ExampleInput, at: string): QueryExample<ImageSource> {
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
