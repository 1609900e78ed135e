import { join } from 'node:path'
import { AppError } from '../../../errors.ts'
import type { CollectionSpec } from '../../collection-spec.ts'
import type { Filter } from '../../filter.ts'
import type { JobStore } from '../../job-store.ts'
import type { Metadata } from '../../metadata.ts'
import type {
  KeptContent,
  NewRecord,
  RecordStore,
  StoredCollection,
  StoredRecord,
  VectorBatch,
  VectorRange,
} from './record-store.ts'
import { SqliteGenerationStore } from './sqlite-generation-store.ts'
import { SqliteJobStore } from './sqlite-job-store.ts'
import { closeStoreThreads, openStoreThreads, type StoreThreads } from './store-threads.ts'
import type { WireRecord } from './stored-row.ts'

export interface SqliteRecordStoreOptions {
  /** Made when it is missing. The caller holds its lock (`lockDataFolder`). */
  readonly folder: string
  /** Calls that may wait for each of the threads; 4,096 unless told. */
  readonly maxQueued?: number
  /** Payload of those calls, in bytes; 256 MiB unless told. */
  readonly maxQueuedBytes?: number
  /** The time that is written to what changes. */
  readonly now?: () => Date
  /** Is called when a thread of the store ended: this store will answer no more. */
  readonly onFailure?: (error: AppError) => void
}

const DATABASE_FILE = 'lookalike.sqlite'
const DEFAULT_MAX_QUEUED = 4096
const DEFAULT_MAX_QUEUED_BYTES = 256 * 1024 * 1024
const OPEN_WITHIN_MS = 60_000
const CLOSE_WITHIN_MS = 30_000
/** Of a record or key in a queue beside its payload, about. */
const RECORD_BYTES = 256
const KEY_BYTES = 8
/** Room for at least eight vectors. */
const VECTOR_BYTES_PER_SLICE = 512 * 1024

/**
 * Opens the truth in SQLite (write-ahead log, synced at every commit). One thread writes, two read;
 * this one never touches the database.
 *
 * @throws DATA_FOLDER_UNUSABLE with the cause: the folder cannot be made or written, the file is
 * damaged, of another program or of a newer version. CONFIG_INVALID for a bad bound.
 */
export async function openSqliteRecordStore(
  options: SqliteRecordStoreOptions,
): Promise<RecordStore & { readonly jobs: JobStore }> {
  const {
    folder,
    maxQueued = DEFAULT_MAX_QUEUED,
    maxQueuedBytes = DEFAULT_MAX_QUEUED_BYTES,
    now = () => new Date(),
    onFailure = () => undefined,
  } = options
  for (const [name, value] of Object.entries({ maxQueued, maxQueuedBytes })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new AppError('CONFIG_INVALID', `expected ${name} to be 1 or more, got ${value}`)
    }
  }
  const threads = await openStoreThreads(join(folder, DATABASE_FILE), {
    maxQueued,
    maxQueuedBytes,
    openWithinMs: OPEN_WITHIN_MS,
    closeWithinMs: CLOSE_WITHIN_MS,
    onFailure,
  })
  return new SqliteRecordStore(threads, now)
}

/**
 * Changes return the thread's promise itself: a step more on the way of one than of another would
 * show them to the caller out of the order of their commits.
 */
class SqliteRecordStore implements RecordStore {
  readonly jobs: JobStore
  readonly generations: SqliteGenerationStore
  readonly #threads: StoreThreads
  readonly #now: () => Date
  #closing: Promise<void> | null = null

  constructor(threads: StoreThreads, now: () => Date) {
    this.jobs = new SqliteJobStore(threads)
    this.generations = new SqliteGenerationStore(threads, now)
    this.#threads = threads
    this.#now = now
  }

  collections(): Promise<readonly StoredCollection[]> {
    return this.#threads.reader.call('collections', undefined)
  }

  createCollection(spec: CollectionSpec): Promise<StoredCollection> {
    return this.#threads.writer.call('createCollection', { spec, at: this.#at() })
  }

  dropCollection(collection: number): Promise<void> {
    return this.#threads.writer.call('dropCollection', { collection })
  }

  put(
    collection: number,
    { id, vector, metadata, image, content, next }: NewRecord,
  ): Promise<{ key: number; replacedKey: number | null }> {
    // Copies, so that what the caller owns stays whole, and no larger buffer below a view is sent.
    const ownVector = new Float32Array(vector)
    const ownContent = content && { ...content, bytes: new Uint8Array(content.bytes) }
    const text = JSON.stringify(metadata)
    const also = next && { next: { ...next, vector: new Float32Array(next.vector) } }
    const record = { id, vector: ownVector, metadata: text, image, content: ownContent, ...also }
    const contentBytes = ownContent?.bytes.byteLength ?? 0
    return this.#threads.writer.call(
      'put',
      { collection, record, at: this.#at() },
      {
        bytes: ownVector.byteLength + contentBytes + text.length + RECORD_BYTES,
        transfer: [ownVector.buffer, ...(ownContent ? [ownContent.bytes.buffer] : [])],
      },
    )
  }

  patchMetadata(collection: number, id: string, patch: Metadata): Promise<StoredRecord | null> {
    const text = JSON.stringify(patch)
    return this.#threads.writer.call(
      'patchMetadata',
      { collection, id, patch: text, at: this.#at() },
      { bytes: text.length + RECORD_BYTES, read: readRecord },
    )
  }

  deleteKeys(collection: number, keys: readonly number[]): Promise<readonly number[]> {
    const bytes = keys.length * KEY_BYTES
    return this.#threads.writer.call('deleteKeys', { collection, keys }, { bytes })
  }

  /**
   * Walks the records that are there when it begins; one that is replaced or deleted before the walk
   * comes to it is left out. The next batch is read while one is looked at, whose vectors are good until then.
   */
  async *vectors(collection: number, range?: VectorRange): AsyncGenerator<VectorBatch> {
    const generation = range?.generation ?? null
    // Two for all slices: dropped, each would stay with the thread's allocator until this thread collects garbage.
    let into = new SharedArrayBuffer(VECTOR_BYTES_PER_SLICE)
    let other = new SharedArrayBuffer(VECTOR_BYTES_PER_SLICE)
    const readAfter = (after: number, upto: number | null) => {
      const args = { collection, generation, after, upto, into }
      const slice = this.#threads.scanner.call('vectors', args)
      // Until it is waited for, which may be never.
      slice.catch(() => undefined)
      return slice
    }
    let next = readAfter(range?.after ?? 0, range?.upto ?? null)
    for (;;) {
      const { keys, ids, vectors, fingerprints, upto } = await next
      const last = keys.at(-1)
      if (last === undefined) return
      ;[into, other] = [other, into]
      next = readAfter(last, upto)
      yield { keys, ids, vectors, fingerprints }
    }
  }

  record(collection: number, id: string): Promise<StoredRecord | null> {
    return this.#threads.reader.call('record', { collection, id }, { read: readRecord })
  }

  recordsByKey(
    collection: number,
    keys: readonly number[],
  ): Promise<readonly (StoredRecord | null)[]> {
    const bytes = keys.length * KEY_BYTES
    return this.#threads.reader.call(
      'recordsByKey',
      { collection, keys },
      { bytes, read: readRecords },
    )
  }

  content(collection: number, id: string): Promise<KeptContent | null> {
    return this.#threads.reader.call('content', { collection, id })
  }

  page(
    collection: number,
    options: { after: string | null; limit: number; filter: Filter | null },
  ): Promise<readonly StoredRecord[]> {
    const thread = options.filter === null ? this.#threads.reader : this.#threads.scanner
    return thread.call(
      'page',
      { collection, ...options },
      { read: (records) => records.map(parseRecord) },
    )
  }

  matching(collection: number, filter: Filter): Promise<Float64Array> {
    return this.#threads.scanner.call('matching', { collection, filter })
  }

  contentHashes(collection: number, ids: readonly string[]): Promise<readonly (string | null)[]> {
    let bytes = 0
    for (const id of ids) bytes += id.length
    return this.#threads.reader.call('contentHashes', { collection, ids }, { bytes })
  }

  bytes(collection: number): Promise<number> {
    return this.#threads.reader.call('bytes', { collection })
  }

  close(): Promise<void> {
    this.#closing ??= closeStoreThreads(this.#threads)
    return this.#closing
  }

  #at(): string {
    return this.#now().toISOString()
  }
}

function readRecord(record: WireRecord | null): StoredRecord | null {
  return record && parseRecord(record)
}

function readRecords(records: readonly (WireRecord | null)[]): (StoredRecord | null)[] {
  return records.map(readRecord)
}

function parseRecord(record: WireRecord): StoredRecord {
  return { ...record, metadata: JSON.parse(record.metadata) as Metadata }
}
