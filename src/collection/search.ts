import type { CollectionSpec } from '../engine/collection-spec.ts'
import { readSearchCursor, requestHash, writeSearchCursor } from '../engine/cursor.ts'
import type { Gallery, GalleryAnswer, GalleryQuery, Hit } from '../engine/embedded/gallery.ts'
import { groupHits } from '../engine/embedded/search/group.ts'
import type { RecordStore, StoredRecord } from '../engine/embedded/store/record-store.ts'
import { AppError } from '../errors.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import type { Clock, ImageEmbedding } from './image-embedding.ts'
import { queryVector } from './query-vector.ts'
import { DEFAULT_K, type SearchAnswer, type SearchMatch, type SearchRequest } from './service.ts'

export interface SearchParts {
  readonly spec: CollectionSpec
  /** Of the vectors in the gallery. */
  readonly generation: number
  readonly gallery: Gallery
  readonly embedding: () => Promise<ImageEmbedding>
  readonly clock: Clock
  /** The versions that meet the filter, none of which the gallery has yet to learn of. */
  readonly matching: (filter: NonNullable<SearchRequest['filter']>) => Promise<Float64Array>
  readonly recordsByKey: (keys: readonly number[]) => ReturnType<RecordStore['recordsByKey']>
}

interface Page {
  readonly answer: GalleryAnswer
  readonly hits: readonly Hit[]
  /** The records of the hits, when the answer needs them. */
  readonly records: ReadonlyMap<number, StoredRecord>
  readonly groups: ReadonlyMap<number, string | number | boolean> | null
  /** Nothing that was asked for is missing. */
  readonly complete: boolean
  readonly cursor: string | null
}

/** Stored vectors read at once for an answer that includes them. */
const VECTORS_AT_ONCE = 16
/** How often a search starts again because a record it found was deleted before it could be read. */
const MAX_ATTEMPTS = 10

export async function search(
  request: SearchRequest,
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<SearchAnswer> {
  const started = parts.clock()
  const { vector, without, decodeMs, embedMs } = await queryVector(request.query, parts, signal)
  const ready = parts.clock()
  const page = await findPage(request, vector, without, parts, signal)
  const matches = request.include.includes('vector')
    ? await mapBounded(page.hits, VECTORS_AT_ONCE, (hit) => withVector(hit, page, request, parts))
    : page.hits.map((hit) => present(hit, page, request, parts))
  const done = parts.clock()
  return {
    matches,
    exact: page.answer.exact,
    complete: page.complete,
    cursor: page.cursor,
    ...(request.include.includes('explain') && { explain: explain(page.answer) }),
    timings: { decodeMs, embedMs, searchMs: done - ready, totalMs: done - started },
  }
}

async function findPage(
  request: SearchRequest,
  vector: Float32Array,
  without: readonly string[],
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<Page> {
  for (let attempt = 1; ; attempt++) {
    const page =
      request.groupBy === null
        ? await plainPage(request, vector, without, parts, signal)
        : await groupedPage(request, request.groupBy, vector, without, parts, signal)
    if (page !== null) return page
    if (attempt === MAX_ATTEMPTS) {
      throw new AppError('STORE_FAILED', 'records changed faster than they could be read')
    }
  }
}

async function plainPage(
  request: SearchRequest,
  vector: Float32Array,
  without: readonly string[],
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<Page | null> {
  const { limit, radius, filter, include } = request
  const { generation, spec } = parts
  const asked = request.k ?? (radius === null ? DEFAULT_K : Number.POSITIVE_INFINITY)
  // The hash costs as much as a search of a graph, and an answer in one piece has no use for it.
  const oneOfMany = asked > limit || request.cursor !== null
  const hash = oneOfMany
    ? requestHash([spec.name, generation, [...vector], request.k, radius, filter, without])
    : ''
  const cursor = request.cursor === null ? null : readSearchCursor(request.cursor, hash)
  const left = cursor === null || cursor.left === null ? asked : Math.min(asked, cursor.left)
  // One more than fits, to know whether something is left behind the limit.
  const k = Math.min(left, limit + 1)
  const answer = await parts.gallery.search(
    {
      ...galleryQuery(request, vector, without, parts),
      ...{ k, after: cursor, paged: left > limit },
      ...(left > limit && { resumableAs: hash }),
    },
    signal,
  )
  const hits = answer.hits.slice(0, limit)
  const last = hits.at(-1)
  const more = answer.hits.length > limit && last !== undefined
  const records = await readRecords(hits, include.includes('metadata'), parts)
  if (records === null) return null
  return {
    answer,
    hits,
    records,
    groups: null,
    complete: !more,
    cursor: more
      ? writeSearchCursor({ ...last, left: Number.isFinite(left) ? left - limit : null }, hash)
      : null,
  }
}

/**
 * Takes ever more of the nearest until there are enough groups, so the groups are exact too. A later hit never
 * changes what was chosen of those before it, so it may also stop past the limit.
 */
async function groupedPage(
  request: SearchRequest,
  field: string,
  vector: Float32Array,
  without: readonly string[],
  parts: SearchParts,
  signal?: AbortSignal,
): Promise<Page | null> {
  const { limit, groupSize } = request
  const wanted = request.k ?? (request.radius === null ? DEFAULT_K : Number.POSITIVE_INFINITY)
  const query = galleryQuery(request, vector, without, parts)
  // Of all groups within a radius none may be missing.
  const paged = !Number.isFinite(wanted)
  const resumableAs = requestHash([parts.spec.name, parts.generation, [...vector], 'groups'])
  const atMost = Math.min(wanted * groupSize, limit + 1)
  for (let k = Math.max(64, atMost * 4); ; k *= 4) {
    const answer = await parts.gallery.search(
      { ...query, k, after: null, paged, resumableAs },
      signal,
    )
    const records = await readRecords(answer.hits, true, parts)
    if (records === null) return null
    const { hits, groups, full } = groupHits(answer.hits, records, field, wanted, groupSize)
    const cut = hits.length > limit
    if (full || cut || answer.hits.length < k) {
      return {
        answer,
        hits: hits.slice(0, limit),
        records,
        groups,
        complete: !cut,
        cursor: null,
      }
    }
  }
}

function galleryQuery(
  { radius, filter, exactIndex, accuracy, ef }: SearchRequest,
  vector: Float32Array,
  without: readonly string[],
  parts: SearchParts,
): Omit<GalleryQuery, 'k' | 'after' | 'paged' | 'resumableAs'> {
  return {
    vector,
    radius: radius ?? Number.POSITIVE_INFINITY,
    keys: filter === null ? null : () => parts.matching(filter),
    without,
    exactIndex,
    accuracy,
    ...(ef !== undefined && { ef }),
  }
}

/** Null when one of them is gone meanwhile. */
async function readRecords(
  hits: readonly Hit[],
  needed: boolean,
  parts: SearchParts,
): Promise<ReadonlyMap<number, StoredRecord> | null> {
  if (!needed || hits.length === 0) return new Map()
  const records = await parts.recordsByKey(hits.map(({ key }) => key))
  const found = new Map<number, StoredRecord>()
  for (const record of records) {
    if (record === null) return null
    found.set(record.key, record)
  }
  return found
}

async function withVector(
  hit: Hit,
  page: Page,
  request: SearchRequest,
  parts: SearchParts,
): Promise<SearchMatch> {
  const vector = await parts.gallery.vector(hit.id)
  return { ...present(hit, page, request, parts), ...(vector !== null && { vector }) }
}

function present(
  hit: Hit,
  { records, groups }: Page,
  { include }: SearchRequest,
  { spec }: SearchParts,
): SearchMatch {
  const metadata = include.includes('metadata') ? records.get(hit.key)?.metadata : undefined
  const group = groups?.get(hit.key)
  return {
    id: hit.id,
    distance: hit.distance,
    ...(spec.metric === 'cosine' && { similarity: 1 - hit.distance }),
    ...(metadata !== undefined && { metadata }),
    ...(group !== undefined && { group }),
  }
}

function explain(answer: GalleryAnswer): NonNullable<SearchAnswer['explain']> {
  const { plan, ef, levels, distances, cost } = answer
  return { plan, ...(ef !== null && { ef }), levels, distances, ...cost }
}
