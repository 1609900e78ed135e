import { setImmediate as turn } from 'node:timers/promises'
import { AppError, shown } from '../../../errors.ts'
import { compileFilter, type Filter } from '../../filter.ts'
import type { Metadata } from '../../metadata.ts'
import type { KeptContent } from '../../record.ts'
import type { Database } from './database.ts'
import { GenerationReads } from './generation-reads.ts'
import { MetadataCache } from './metadata-cache.ts'
import {
  type CollectionRow,
  type PageOptions,
  RECORD_COLUMNS,
  type RecordRow,
  type StoredCollection,
  toStoredCollection,
  toWireRecord,
  type WireRecord,
  type WireSummary,
} from './stored-row.ts'

/** Rows read before other calls get their turn. */
const ROWS_PER_SLICE = 1024

interface Collection {
  readonly collection: number
}

/** The calls of a thread that reads. Long ones let others come between. */
export class ReadOperations extends GenerationReads {
  readonly #statements
  readonly #metadata: MetadataCache

  constructor(database: Database) {
    super(database)
    this.#statements = prepareStatements(database)
    this.#metadata = new MetadataCache(database)
  }

  collections(): readonly StoredCollection[] {
    return this.#statements.collections.all().map(toStoredCollection)
  }

  record({ collection, id }: Collection & { readonly id: string }): WireRecord | null {
    this.live(collection)
    const row = this.#statements.recordOfId.get(collection, id)
    return row === undefined ? null : toWireRecord(row)
  }

  recordsByKey({ collection, keys }: Collection & { readonly keys: readonly number[] }) {
    return this.#inSlices(collection, keys, (key): WireRecord | null => {
      const row = this.#statements.recordOfKey.get(collection, key)
      return row === undefined ? null : toWireRecord(row)
    })
  }

  summaries({ collection, ids }: Collection & { readonly ids: readonly string[] }) {
    return this.#inSlices(
      collection,
      ids,
      (id): WireSummary | null => this.#statements.summary.get(collection, id) ?? null,
    )
  }

  content({ collection, id }: Collection & { readonly id: string }): KeptContent | null {
    this.live(collection)
    const row = this.#statements.content.get(collection, id)
    return row === undefined ? null : { mediaType: row.mediaType, bytes: new Uint8Array(row.bytes) }
  }

  async page({
    collection,
    after,
    limit,
    filter,
  }: Collection & PageOptions): Promise<readonly WireRecord[]> {
    const meets = filter === null ? null : compileFilter(filter)
    const found: WireRecord[] = []
    let last = after ?? ''
    for (;;) {
      this.live(collection)
      const wanted =
        meets === null ? Math.min(limit - found.length, ROWS_PER_SLICE) : ROWS_PER_SLICE
      const rows = this.#statements.page.all(collection, last, wanted)
      for (const row of rows) {
        if (found.length === limit) break
        if (meets === null || meets(JSON.parse(row.metadata) as Metadata)) {
          found.push(toWireRecord(row))
        }
      }
      if (found.length === limit || rows.length < wanted) return found
      last = rows.at(-1)!.id
      await turn()
    }
  }

  matching({ collection, filter }: Collection & { readonly filter: Filter }): Float64Array {
    return this.#metadata.matching(collection, filter)
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
    read: (item: Item) => Result,
  ): Promise<readonly Result[]> {
    this.live(collection)
    const results: Result[] = []
    for (let start = 0; start < items.length; start += ROWS_PER_SLICE) {
      if (start > 0) await turn()
      results.push(...items.slice(start, start + ROWS_PER_SLICE).map(read))
    }
    return results
  }
}

function prepareStatements(database: Database) {
  return {
    collections: database.prepare<[], CollectionRow>(
      `SELECT key, spec, generation, created_at AS createdAt FROM collections WHERE dropped = 0 ORDER BY key`,
    ),
    recordOfId: database.prepare<[number, string], RecordRow>(
      `SELECT ${RECORD_COLUMNS} FROM records WHERE collection = ? AND id = ?`,
    ),
    recordOfKey: database.prepare<[number, number], RecordRow>(
      `SELECT ${RECORD_COLUMNS} FROM records WHERE collection = ? AND key = ?`,
    ),
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
    jobs: database.prepare<[], string>('SELECT job FROM jobs ORDER BY key').pluck(),
    jobInput: database.prepare<[string], string>('SELECT input FROM jobs WHERE id = ?').pluck(),
  }
}
