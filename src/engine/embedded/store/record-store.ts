import { join } from 'node:path'
import { AppError } from '../../../errors.ts'
import type { CollectionSpec } from '../../collection-spec.ts'
import type { Filter } from '../../filter.ts'
import type { Metadata } from '../../metadata.ts'
import type { KeptContent, NewRecord, RecordSummary } from '../../record.ts'
import { DATABASE_FILE } from './database.ts'
import type { FacetsOfKeys } from './facet-table.ts'
import { GenerationStore } from './generation-store.ts'
import { OpenMark } from './open-mark.ts'
import { type SqliteIdentityParts, SqliteIdentityStore } from './sqlite-identity-store.ts'
import { SqliteJobStore } from './sqlite-job-store.ts'
import { closeStoreThreads, openStoreThreads, type StoreThreads } from './store-threads.ts'
import {
  type DeletedVersions,
  type ExpiredVersion,
  type FieldValues,
  type KeyedRecord,
  type PageOptions,
  type StoredCollection,
  type VectorBatch,
  type VectorRange,
  type WireRecord,
  withMetadata,
} from './stored-row.ts'
import { walkVectors } from './walk-vectors.ts'

export interface RecordStoreOptions {
  /** The data folder, which is made when it is missing. The caller holds its lock (`lockDataFolder`). */
  readonly folder: string
  /** Calls that may wait for each of the threads; 4,096 by default. */
  readonly maxQueued?: number
  /** Payload of those calls, in bytes; 256 MiB by default. */
  readonly maxQueuedBytes?: number
  /** The clock whose time is written to what changes. */
  readonly now?: () => Date
  /** Is called when a thread of the store ended: this store will answer no more. */
  readonly onFailure?: (error: AppError) => void
  /** Is called when the disk was found full, so that only deletions are taken, and when there is room again. */
  readonly onDisk?: (isFull: boolean) => void
}

const DEFAULT_MAX_QUEUED = 4096
const DEFAULT_MAX_QUEUED_BYTES = 256 * 1024 * 1024
const OPEN_WITHIN_MS = 60_000
const CLOSE_WITHIN_MS = 30_000
/** About the bytes of a record in a queue beside its payload, and those of a key. */
const RECORD_BYTES = 256
const KEY_BYTES = 8

/**
 * Opens the truth in SQLite (write-ahead log, synced at every commit). One thread writes, two read;
 * this one marks the database as open, and else never touches it.
 *
 * @throws DATA_FOLDER_UNUSABLE with the cause: the folder cannot be made or written, the file is
 * damaged, of another program or of a newer version. CONFIG_INVALID for a bad bound.
 */
export async function openRecordStore(options: RecordStoreOptions): Promise<RecordStore> {
  const {
    folder,
    maxQueued = DEFAULT_MAX_QUEUED,
    maxQueuedBytes = DEFAULT_MAX_QUEUED_BYTES,
    now = () => new Date(),
    onFailure = () => undefined,
    onDisk = () => undefined,
  } = options
  for (const [name, value] of Object.entries({ maxQueued, maxQueuedBytes })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new AppError('CONFIG_INVALID', `expected ${name} to be 1 or more, got ${value}`)
    }
  }
  const path = join(folder, DATABASE_FILE)
  const threads = await openStoreThreads(path, {
    maxQueued,
    maxQueuedBytes,
    openWithinMs: OPEN_WITHIN_MS,
    closeWithinMs: CLOSE_WITHIN_MS,
    onFailure,
    onDisk,
  })
  try {
    return new RecordStore(threads, now, new OpenMark(path, now()))
  } catch (error) {
    await closeStoreThreads(threads)
    throw error
  }
}

/**
 * The truth. A change resolves after its commit has reached the disk, in the order of the commits; calls that wait at the
 * same time share one. Calls throw COLLECTION_NOT_FOUND, STORE_FAILED when the store cannot answer, and QUEUE_FULL when
 * too many wait. Reads end with the reason of their signal when it aborts.
 */
export class RecordStore {
  readonly jobs: SqliteJobStore
  readonly generations: GenerationStore
  readonly #threads: StoreThreads
  readonly #now: () => Date
  readonly #mark: OpenMark
  #closing: Promise<void> | null = null

  constructor(threads: StoreThreads, now: () => Date, mark: OpenMark) {
    this.jobs = new SqliteJobStore(threads)
    this.generations = new GenerationStore(threads, now)
    this.#threads = threads
    this.#now = now
    this.#mark = mark
  }

  collections(): Promise<readonly StoredCollection[]> {
    return this.#threads.reader.call('collections', undefined)
  }

  // Changes return the thread's promise itself: a step more on the way of one than of another would show them to the
  // caller out of the order of their commits.

  /** @throws COLLECTION_DIFFERS when the name is taken, also by an equal spec. */
  createCollection(spec: CollectionSpec): Promise<StoredCollection> {
    return this.#threads.writer.call('createCollection', { spec, at: this.#at() })
  }

  /** Resolves once the collection is gone for every later call; its rows are freed afterwards. */
  dropCollection(collection: number): Promise<void> {
    return this.#threads.writer.call('dropCollection', { collection })
  }

  /** Adds or replaces. `replacedKey` is the version that this one took the place of, or null. */
  put(
    collection: number,
    { id, vector, metadata, image, content, next, expiresAt = null }: NewRecord,
  ): Promise<{ key: number; replacedKey: number | null }> {
    // Copies, so that what the caller owns stays whole, and no larger buffer below a view is sent.
    const ownVector = new Float32Array(vector)
    const ownContent = content && { ...content, bytes: new Uint8Array(content.bytes) }
    const text = JSON.stringify(metadata)
    const also = next && { next: { ...next, vector: new Float32Array(next.vector) } }
    const own = { vector: ownVector, metadata: text, content: ownContent }
    const record = { id, image, expiresAt, ...own, ...also }
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

  /**
   * Applies a JSON merge patch (RFC 7396, `mergeMetadata`); null when there is no such record.
   * @throws INVALID_METADATA when the result is too large.
   */
  patchMetadata(collection: number, id: string, patch: Metadata): Promise<KeyedRecord | null> {
    const text = JSON.stringify(patch)
    return this.#threads.writer.call(
      'patchMetadata',
      { collection, id, patch: text, at: this.#at() },
      { bytes: text.length + RECORD_BYTES, read: readRecord },
    )
  }

  /** Deletes versions, so that a record replaced meanwhile stays: of a list with much content, the first ones. */
  deleteKeys(collection: number, keys: readonly number[]): Promise<DeletedVersions> {
    const bytes = keys.length * KEY_BYTES
    return this.#threads.writer.call('deleteKeys', { collection, keys }, { bytes })
  }

  /** Gives some versions whose time has come by now, the earliest first, after one that was given before. */
  expired(after: ExpiredVersion | null, limit: number): Promise<readonly ExpiredVersion[]> {
    const upto = this.#now().getTime()
    return this.#threads.reader.call('expired', { upto, after, limit })
  }

  /** Empties the write-ahead log now; resolves to whether that could be done: not while a long read needs it. */
  emptyLog(): Promise<boolean> {
    return this.#threads.writer.call('emptyLog', undefined)
  }

  /**
   * Walks the records that are there when it begins; one that is replaced or deleted before the walk
   * comes to it is left out. The next batch is read while one is looked at, whose vectors are good until then.
   */
  vectors(collection: number, range: VectorRange): AsyncGenerator<VectorBatch> {
    return walkVectors(this.#threads.scanner, collection, range)
  }

  record(collection: number, id: string): Promise<KeyedRecord | null> {
    return this.#threads.reader.call('record', { collection, id }, { read: readRecord })
  }

  /** Gives the records of these versions, one for each key; null where a version is gone. */
  recordsByKey(
    collection: number,
    keys: readonly number[],
    signal?: AbortSignal,
  ): Promise<readonly (KeyedRecord | null)[]> {
    const bytes = keys.length * KEY_BYTES
    return this.#threads.reader.call(
      'recordsByKey',
      { collection, keys },
      { bytes, signal, read: (records) => records.map(readRecord) },
    )
  }

  fieldValues(
    collection: number,
    keys: readonly number[],
    field: string,
    signal?: AbortSignal,
  ): Promise<FieldValues> {
    const bytes = keys.length * KEY_BYTES
    return this.#threads.scanner.call('fieldValues', { collection, keys, field }, { bytes, signal })
  }

  content(collection: number, id: string): Promise<KeptContent | null> {
    return this.#threads.reader.call('content', { collection, id })
  }

  /** Records in id order. */
  page(
    collection: number,
    options: PageOptions,
    signal?: AbortSignal,
  ): Promise<readonly KeyedRecord[]> {
    const thread = options.filter === null ? this.#threads.reader : this.#threads.scanner
    return thread.call(
      'page',
      { collection, ...options },
      { signal, read: (records) => records.map(withMetadata) },
    )
  }

  /** Keys of all records that meet the filter, in no order. */
  matching(collection: number, filter: Filter, signal?: AbortSignal): Promise<Float64Array> {
    return this.#threads.scanner.call('matching', { collection, filter }, { signal })
  }

  /** Values of some fields in all records that meet the filter; null for all records. */
  facets(
    collection: number,
    filter: Filter | null,
    fields: readonly string[],
    signal?: AbortSignal,
  ): Promise<FacetsOfKeys> {
    return this.#threads.scanner.call('facets', { collection, filter, fields }, { signal })
  }

  /** Gives the summary of the record of each id; null where there is none. */
  summaries(
    collection: number,
    ids: readonly string[],
  ): Promise<readonly (RecordSummary | null)[]> {
    let bytes = 0
    for (const id of ids) bytes += id.length
    return this.#threads.reader.call(
      'summaries',
      { collection, ids },
      { bytes, read: (found) => found.map((summary) => summary && withMetadata(summary)) },
    )
  }

  /** Gives a document that was kept with the collection; null where there is none of this name. */
  async document(collection: number, name: string): Promise<unknown> {
    const text = await this.#threads.reader.call('document', { collection, name })
    return text === null ? null : JSON.parse(text)
  }

  keepDocument(collection: number, name: string, value: unknown): Promise<void> {
    const document = JSON.stringify(value)
    const args = { collection, name, document }
    return this.#threads.writer.call('keepDocument', args, { bytes: document.length })
  }

  /** Gives the identities of a collection; it is told of what becomes of them. */
  identitiesOf(
    collection: number,
    field: string,
    notices: Pick<SqliteIdentityParts, 'track' | 'changed'>,
  ): SqliteIdentityStore {
    const threads = this.#threads
    return new SqliteIdentityStore({ threads, now: this.#now, collection, field, ...notices })
  }

  /** About the bytes of the collection on disk. */
  bytes(collection: number): Promise<number> {
    return this.#threads.reader.call('bytes', { collection })
  }

  close(): Promise<void> {
    this.#closing ??= closeStoreThreads(this.#threads).finally(() => this.#mark.release())
    return this.#closing
  }

  #at(): string {
    return this.#now().toISOString()
  }
}

function readRecord(record: WireRecord | null): KeyedRecord | null {
  return record && withMetadata(record)
}
