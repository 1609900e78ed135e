import { AppError } from '../../../errors.ts'
import { mapBounded } from '../../../scheduling/map-bounded.ts'
import type { CollectionSpec } from '../../collection-spec.ts'
import { readSearchCursor, requestHash, searchName, writeSearchCursor } from '../../cursor.ts'
import type { IdentityValue } from '../../identity-value.ts'
import { DEFAULT_K, type EngineAnswer, type EngineMatch, type EngineQuery } from '../../query.ts'
import type { GenerationParts, RecordReads } from '../generation-parts.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import type { KeyedRecord } from '../store/stored-row.ts'
import { combinedHits } from './combined.ts'
import type { Found, GenerationSearch } from './generation-search.ts'
import { type FieldReads, findGroups } from './groups.ts'
import type { Hit } from './hits.ts'
import { diverseHits, farthestHits } from './other-orders.ts'

interface Searched {
  readonly spec: CollectionSpec
  readonly generation: number
  readonly rows: GenerationRows
  readonly searcher: GenerationSearch
  readonly records: Pick<RecordReads, 'recordsByKey' | 'matching'> & FieldReads
  readonly index: GenerationParts['index']
  readonly selections: GenerationParts['selections']
}

/** The hits of a page, with what belongs to each. */
interface Page extends Pick<EngineAnswer, 'exact' | 'complete' | 'cursor' | 'explain'> {
  readonly hits: readonly Hit[]
  /** The records of the hits by key, where the answer needs them. */
  readonly records: ReadonlyMap<number, KeyedRecord>
  readonly groups: ReadonlyMap<number, IdentityValue> | null
}

const VECTORS_AT_ONCE = 16
/** Records whose metadata are parsed before other work gets its turn. */
const RECORDS_AT_ONCE = 512
/** How often a search starts again because a record it found was deleted before it could be read. */
const MAX_ATTEMPTS = 10

/** Answers one page of a query: the hits, what belongs to them, and where the next page begins. */
export async function searchPage(
  searched: Searched,
  query: EngineQuery,
  signal?: AbortSignal,
): Promise<EngineAnswer> {
  const page = await findPage(searched, query, signal)
  const { hits, exact, complete, cursor, explain } = page
  const matches = query.include.vectors
    ? await mapBounded(hits, VECTORS_AT_ONCE, async (hit) => {
        const vector = await searched.rows.vector(hit.id)
        return { ...toMatch(hit, page, query), ...(vector !== null && { vector }) }
      })
    : hits.map((hit) => toMatch(hit, page, query))
  return { matches, exact, complete, cursor, explain }
}

async function findPage(
  searched: Searched,
  query: EngineQuery,
  signal?: AbortSignal,
): Promise<Page> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const page = await anyPage(searched, query, signal)
    if (page !== null) return page
  }
  throw new AppError('STORE_FAILED', 'records changed faster than they could be read')
}

/** Null when a record of it is gone meanwhile. */
function anyPage(
  searched: Searched,
  query: EngineQuery,
  signal?: AbortSignal,
): Promise<Page | null> {
  if (query.groupBy !== null) return groupedPage(searched, query, query.groupBy, signal)
  if (query.farthest || query.diversify || query.combined) return onePage(searched, query, signal)
  return plainPage(searched, query, signal)
}

/** An answer in one piece, in an order of its own. Null when a record of it is gone meanwhile. */
async function onePage(
  searched: Searched,
  query: EngineQuery,
  signal?: AbortSignal,
): Promise<Page | null> {
  const { limit, include } = query
  // One more than fits, to know whether something is left behind the limit.
  const found = await hitsInOrder(searched, query, Math.min(wantedHits(query), limit + 1), signal)
  const { exact, explain } = found
  const hits = found.hits.slice(0, limit)
  const records = await readRecords(searched, hits, include.metadata, signal)
  if (records === null) return null
  const complete = found.hits.length <= limit
  return { hits, records, groups: null, exact, complete, cursor: null, explain }
}

function hitsInOrder(
  searched: Searched,
  query: EngineQuery,
  k: number,
  signal?: AbortSignal,
): Promise<Found> {
  const { combined, diversify } = query
  if (combined !== undefined) return combinedHits(searched, query, combined, k, signal)
  if (diversify === undefined) return farthestHits(searched, query, k, signal)
  // Within a radius alone too, an answer of so many is not diverse.
  const wanted = Math.min(k, query.k ?? DEFAULT_K)
  return diverseHits(searched, query, { ...diversify, k: wanted }, signal)
}

/** Null when a record of it is gone meanwhile. */
async function plainPage(
  searched: Searched,
  query: EngineQuery,
  signal?: AbortSignal,
): Promise<Page | null> {
  const { spec, generation } = searched
  const { vector, radius, filter, without, limit } = query
  const wanted = wantedHits(query)
  const others = [query.k, radius, filter, without]
  // It costs as much as a search of a graph, and an answer in one piece has no use for it.
  let request: string | undefined
  const hash = () => {
    request ??= requestHash([spec.name, generation, [...vector], ...others])
    return request
  }
  const after = query.cursor === null ? null : readSearchCursor(query.cursor, hash())
  const left = after === null || after.left === null ? wanted : Math.min(wanted, after.left)
  const paged = left > limit
  // One more than fits, to know whether something is left behind the limit.
  const resume = paged ? searchName(vector, others) : undefined
  const slice = {
    k: Math.min(left, limit + 1),
    after,
    paged,
    ...(resume !== undefined && { resume }),
  }
  const found = await searched.searcher.search(query, slice, signal)
  const hits = found.hits.slice(0, limit)
  const last = hits.at(-1)
  const more = found.hits.length > limit && last !== undefined
  const records = await readRecords(searched, hits, query.include.metadata, signal)
  if (records === null) return null
  const { exact, explain } = found
  const cursor = more
    ? writeSearchCursor({ ...last, left: Number.isFinite(left) ? left - limit : null }, hash())
    : null
  return { hits, records, groups: null, exact, complete: !more, cursor, explain }
}

/** Null when a record of it is gone meanwhile. */
async function groupedPage(
  searched: Searched,
  query: EngineQuery,
  field: string,
  signal?: AbortSignal,
): Promise<Page | null> {
  const { spec, generation } = searched
  const { vector, k, radius, filter, without, groupSize } = query
  const wanted = wantedHits(query)
  const resume = searchName(vector, ['groups'])
  const parts = [spec.name, generation, [...vector], k, radius, filter, without, field, groupSize]
  const hash = () => requestHash(parts)
  const behind = query.cursor === null ? null : readSearchCursor(query.cursor, hash())
  const found = await findGroups(searched, query, { field, wanted, behind, resume }, signal)
  if (found === null) return null
  const { hits, groups, exact, complete, explain } = found
  const records = await readRecords(searched, hits, query.include.metadata, signal)
  if (records === null) return null
  const last = hits.at(-1)
  const cursor =
    complete || last === undefined ? null : writeSearchCursor({ ...last, left: null }, hash())
  return { hits, records, groups, exact, complete, cursor, explain }
}

function wantedHits({ k, radius }: EngineQuery): number {
  return k ?? (radius === null ? DEFAULT_K : Number.POSITIVE_INFINITY)
}

/** Null when one of them is gone meanwhile. */
async function readRecords(
  { records }: Searched,
  hits: readonly Hit[],
  needed: boolean,
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, KeyedRecord> | null> {
  const found = new Map<number, KeyedRecord>()
  if (!needed) return found
  for (let i = 0; i < hits.length; i += RECORDS_AT_ONCE) {
    const keys = hits.slice(i, i + RECORDS_AT_ONCE).map(({ key }) => key)
    for (const record of await records.recordsByKey(keys, signal)) {
      if (record === null) return null
      found.set(record.key, record)
    }
  }
  return found
}

function toMatch(
  { key, id, distance }: Hit,
  { records, groups }: Page,
  { include }: EngineQuery,
): EngineMatch {
  const metadata = include.metadata ? records.get(key)?.metadata : undefined
  const group = groups?.get(key)
  return {
    id,
    distance,
    ...(metadata !== undefined && { metadata }),
    ...(group !== undefined && { group }),
  }
}
