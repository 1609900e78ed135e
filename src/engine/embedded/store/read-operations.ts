import { AppError, shown } from '../../../errors.ts'
import type { StopSign } from '../../../threads/stop-flags.ts'
import { Turns } from '../../../threads/turns.ts'
import { fieldPath } from '../../field-path.ts'
import { compileFilter, type Filter, filterCost } from '../../filter.ts'
import { identityAt } from '../../identity-value.ts'
import type { Metadata } from '../../metadata.ts'
import type { KeptContent } from '../../record.ts'
import type { Database } from './database.ts'
import type { FacetsOfKeys } from './facet-table.ts'
import { GenerationReads } from './generation-reads.ts'
import { IdentityReads, type PastRow } from './identity-reads.ts'
import { MetadataCache } from './metadata-cache.ts'
import {
  type CollectionRow,
  type ExpiredVersion,
  type FieldValues,
  type PageOptions,
  RECORD_COLUMNS,
  type RecordRow,
  type StoredCollection,
  toStoredCollection,
  toWireRecord,
  type WireRecord,
  type WireSummary,
} from './stored-row.ts'

/** Rows read at once. */
const ROWS_AT_ONCE = 1024
/** Rows read at once whose metadata are then parsed, one by one. */
const FILTERED_AT_ONCE = 128
/** About what a slice spends on a row, and on this much text of its metadata. */
const COST_OF_ROW = 16
const CHARACTERS_OF_COST = 32

interface Collection {
  readonly collection: number
}

interface FieldQuery extends Collection {
  readonly keys: readonly number[]
  /** A metadata field, which may have dots. */
  readonly field: string
}

/** The calls of a thread that reads. Long ones take turns, and end when nobody waits for them any more. */
interface ExpiredQuery {
  /** Milliseconds since 1970, inclusive. */
  readonly upto: number
  readonly after: ExpiredVersion | null
  readonly limit: number
}

export class ReadOperations extends GenerationReads {
  readonly #statements
  readonly #turns = new Turns()
  readonly #metadata: MetadataCache
  readonly #identities: IdentityReads

  constructor(database: Database) {
    super(database)
    this.#statements = prepareStatements(database)
    this.#metadata = new MetadataCache(database, {}, this.#turns)
    this.#identities = new IdentityReads(database, this.#turns)
  }

  collections(): readonly StoredCollection[] {
    return this.#statements.collections.all().map(toStoredCollection)
  }

  record({ collection, id }: Collection & { readonly id: string }): WireRecord | null {
    this.live(collection)
    const row = this.#statements.recordOfId.get(collection, id)
    return row === undefined ? null : toWireRecord(row)
  }

  /** Gives JSON text; null where there is no document of this name. */
  document({ collection, name }: Collection & { readonly name: string }): string | null {
    this.live(collection)
    return this.#statements.document.get(collection, name) ?? null
  }

  recordsByKey(
    { collection, keys }: Collection & { readonly keys: readonly number[] },
    stop: StopSign,
  ) {
    return this.#inSlices(collection, keys, stop, (key): WireRecord | null => {
      const row = this.#statements.recordOfKey.get(collection, key)
      return row === undefined ? null : toWireRecord(row)
    })
  }

  /** Gives the plain value of a metadata field in each version, null where it has none; `gone` where one has ended. */
  async fieldValues({ collection, keys, field }: FieldQuery, stop: StopSign): Promise<FieldValues> {
    const path = fieldPath(field)
    let gone = false
    const values = await this.#inSlices(collection, keys, stop, (key) => {
      const text = this.#statements.metadataOfKey.get(collection, key)
      gone ||= text === undefined
      return text === undefined ? null : identityAt(JSON.parse(text) as Metadata, path)
    })
    return { values, gone }
  }

  summaries({ collection, ids }: Collection & { readonly ids: readonly string[] }, stop: StopSign) {
    return this.#inSlices(
      collection,
      ids,
      stop,
      (id): WireSummary | null => this.#statements.summary.get(collection, id) ?? null,
    )
  }

  content({ collection, id }: Collection & { readonly id: string }): KeptContent | null {
    this.live(collection)
    const row = this.#statements.content.get(collection, id)
    return row === undefined ? null : { mediaType: row.mediaType, bytes: new Uint8Array(row.bytes) }
  }

  async page(
    { collection, after, limit, filter }: Collection & PageOptions,
    stop: StopSign,
  ): Promise<readonly WireRecord[]> {
    const slices = this.#turns.begin(stop)
    const meets = filter === null ? null : compileFilter(filter)
    const cost = COST_OF_ROW + (filter === null ? 0 : filterCost(filter))
    const found: WireRecord[] = []
    let last = after ?? ''
    for (;;) {
      this.live(collection)
      const wanted =
        meets === null ? Math.min(limit - found.length, ROWS_AT_ONCE) : FILTERED_AT_ONCE
      const rows = this.#statements.page.all(collection, last, wanted)
      for (const row of rows) {
        if (found.length === limit) break
        const { metadata } = row
        if (meets === null || meets(JSON.parse(metadata) as Metadata)) found.push(toWireRecord(row))
        if (slices.spend(cost + metadata.length / CHARACTERS_OF_COST)) await slices.next()
      }
      if (found.length === limit || rows.length < wanted) return found
      last = rows.at(-1)!.id
    }
  }

  matching(
    { collection, filter }: Collection & { readonly filter: Filter },
    stop: StopSign,
  ): Promise<Float64Array> {
    return this.#metadata.matching(collection, filter, stop)
  }

  identityPage(asked: Parameters<IdentityReads['page']>[0], stop: StopSign) {
    return this.#identities.page(asked, stop)
  }

  identity(asked: Parameters<IdentityReads['find']>[0], stop: StopSign) {
    return this.#identities.find(asked, stop)
  }

  identityMembers(asked: Parameters<IdentityReads['members']>[0], stop: StopSign) {
    return this.#identities.members(asked, stop)
  }

  identityValues(asked: Parameters<IdentityReads['valuesOf']>[0], stop: StopSign) {
    this.live(asked.collection)
    return this.#identities.valuesOf(asked, stop)
  }

  identityDifferences({ collection }: Collection): readonly string[] {
    this.live(collection)
    return this.#identities.differences({ collection })
  }

  identityHistory(asked: Parameters<IdentityReads['history']>[0]): readonly PastRow[] {
    this.live(asked.collection)
    return this.#identities.history(asked)
  }

  identityPast(asked: Parameters<IdentityReads['past']>[0]): ReturnType<IdentityReads['past']> {
    this.live(asked.collection)
    return this.#identities.past(asked)
  }

  facets(
    {
      collection,
      filter,
      fields,
    }: Collection & { readonly filter: Filter | null; readonly fields: readonly string[] },
    stop: StopSign,
  ): Promise<FacetsOfKeys> {
    return this.#metadata.facets(collection, filter, fields, stop)
  }

  /** Gives the versions that have expired up to a time, the earliest first, after one that was given before. */
  expired({ upto, after, limit }: ExpiredQuery): readonly ExpiredVersion[] {
    return this.#statements.expired.all(after?.at ?? 0, after?.key ?? 0, upto, limit)
  }

  bytes({ collection }: Collection): number {
    return this.live(collection).bytes
  }

  records({ collection }: Collection): number {
    return this.live(collection).records
  }

  jobs(): readonly string[] {
    return this.#statements.jobs.all()
  }

  jobInput({ id }: { readonly id: string }): string {
    const input = this.#statements.jobInput.get(id)
    if (input === undefined) throw new AppError('JOB_NOT_FOUND', `no job ${shown(id)}`)
    return input
  }

  async #inSlices<Item, Result>(
    collection: number,
    items: readonly Item[],
    stop: StopSign,
    read: (item: Item) => Result,
  ): Promise<readonly Result[]> {
    this.live(collection)
    const slices = this.#turns.begin(stop)
    const results: Result[] = []
    for (const item of items) {
      results.push(read(item))
      if (slices.spend(COST_OF_ROW)) await slices.next()
    }
    return results
  }
}

function prepareStatements(database: Database) {
  return {
    document: database
      .prepare<[number, string], string>(
        'SELECT document FROM documents WHERE collection = ? AND name = ?',
      )
      .pluck(),
    collections: database.prepare<[], CollectionRow>(
      `SELECT key, spec, generation, created_at AS createdAt FROM collections WHERE dropped = 0 ORDER BY key`,
    ),
    recordOfId: database.prepare<[number, string], RecordRow>(
      `SELECT ${RECORD_COLUMNS} FROM records WHERE collection = ? AND id = ?`,
    ),
    recordOfKey: database.prepare<[number, number], RecordRow>(
      `SELECT ${RECORD_COLUMNS} FROM records WHERE collection = ? AND key = ?`,
    ),
    metadataOfKey: database
      .prepare<[number, number], string>(
        'SELECT metadata FROM records WHERE collection = ? AND key = ?',
      )
      .pluck(),
    summary: database.prepare<[number, string], WireSummary>(
      'SELECT content_hash AS contentHash, metadata FROM records WHERE collection = ? AND id = ?',
    ),
    content: database.prepare<[number, string], { mediaType: string; bytes: Uint8Array }>(
      `SELECT contents.media_type AS mediaType, contents.bytes FROM contents
       JOIN records ON records.key = contents.record WHERE collection = ? AND id = ?`,
    ),
    page: database.prepare<[number, string, number], RecordRow>(
      `SELECT ${RECORD_COLUMNS} FROM records WHERE collection = ? AND id > ? ORDER BY id LIMIT ?`,
    ),
    expired: database.prepare<[number, number, number, number], ExpiredVersion>(
      `SELECT expiries.record AS key, records.collection, expiries.at
       FROM expiries JOIN records ON records.key = expiries.record
       WHERE (expiries.at, expiries.record) > (?, ?) AND expiries.at <= ?
       ORDER BY expiries.at, expiries.record LIMIT ?`,
    ),
    jobs: database.prepare<[], string>('SELECT job FROM jobs ORDER BY key').pluck(),
    jobInput: database.prepare<[string], string>('SELECT input FROM jobs WHERE id = ?').pluck(),
  }
}
