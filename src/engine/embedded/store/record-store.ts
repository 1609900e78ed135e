import type { CollectionSpec } from '../../collection-spec.ts'
import type { Filter } from '../../filter.ts'
import type { Metadata } from '../../metadata.ts'
import type { StoredRecord as EngineRecord, KeptContent, NewRecord } from '../../record.ts'
import type { GenerationStore } from './generation-store.ts'

export type { ImageFacts, KeptContent, NewRecord } from '../../record.ts'
export type { KeyedRecord as StoredRecord }

/** A collection as the truth holds it. `key` is never used again, also not after a drop. */
export interface StoredCollection {
  readonly key: number
  /** As created, but for model and dimensions: those of the generation. */
  readonly spec: CollectionSpec
  /** Of the vectors that are searched: 0 until the collection is first embedded anew. */
  readonly generation: number
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

/** A version of a record as the truth holds it. */
export interface KeyedRecord extends Omit<EngineRecord, 'vector'> {
  /** Names this version of the record. A replaced record gets a new key; metadata changes keep it. */
  readonly key: number
}

export interface PageOptions {
  readonly after: string | null
  readonly limit: number
  readonly filter: Filter | null
}

/** Which vectors to walk: those of versions with a key above `after`, up to `upto`. */
export interface VectorRange {
  readonly generation: number
  readonly after: number
  /** Null: to the newest version when the walk begins. */
  readonly upto: number | null
}

/**
 * Vectors on their way into memory: `vectors` holds `keys.length` rows of the dimensions, until the next batch is
 * asked for.
 */
export interface VectorBatch {
  readonly keys: readonly number[]
  readonly ids: readonly string[]
  readonly vectors: Float32Array
  /** As in ImageFacts; null where there is none. */
  readonly fingerprints: readonly (string | null)[]
}

/**
 * The truth. Every call that changes something resolves after its commit has reached the disk, in
 * the order of the commits; calls that wait at the same time share one commit. Nothing here blocks
 * the caller's thread. Methods throw STORE_FAILED with the cause when the store cannot answer, and
 * QUEUE_FULL when too many calls wait.
 */
export interface RecordStore {
  readonly generations: GenerationStore
  collections(): Promise<readonly StoredCollection[]>
  /** @throws COLLECTION_DIFFERS when the name is taken (also by an equal spec: the caller knows). */
  createCollection(spec: CollectionSpec): Promise<StoredCollection>
  /** Resolves once the collection is gone for every later call; its rows are freed afterwards. */
  dropCollection(collection: number): Promise<void>

  /** Adds or replaces. `replacedKey` is the version that this one took the place of, or null. */
  put(collection: number, record: NewRecord): Promise<{ key: number; replacedKey: number | null }>
  /**
   * Applies a JSON merge patch (RFC 7396, `mergeMetadata`) to the metadata; null when there is no
   * such record. @throws INVALID_METADATA when the result is too large.
   */
  patchMetadata(collection: number, id: string, patch: Metadata): Promise<KeyedRecord | null>
  /** Deletes versions by key, so that a record replaced meanwhile stays. Resolves to those deleted. */
  deleteKeys(collection: number, keys: readonly number[]): Promise<readonly number[]>

  /**
   * Key, id, vector and fingerprint of every record that has a vector in the generation in force, or in that of
   * `range`, in key order, a batch at a time. @throws GENERATION_NOT_FOUND.
   */
  vectors(collection: number, range?: VectorRange): AsyncIterable<VectorBatch>
  record(collection: number, id: string): Promise<KeyedRecord | null>
  /** The records of these versions, in the order asked; null where a version is gone. */
  recordsByKey(
    collection: number,
    keys: readonly number[],
  ): Promise<readonly (KeyedRecord | null)[]>
  content(collection: number, id: string): Promise<KeptContent | null>
  /** Up to `limit` records with id > `after` that meet the filter, in id order. */
  page(collection: number, options: PageOptions): Promise<readonly KeyedRecord[]>
  /** Keys of all records that meet the filter, in no order. */
  matching(collection: number, filter: Filter): Promise<Float64Array>
  /** The content hash of each id, in the order asked; null where there is none. */
  contentHashes(collection: number, ids: readonly string[]): Promise<readonly (string | null)[]>
  /** Bytes of the collection on disk, about. */
  bytes(collection: number): Promise<number>

  close(): Promise<void>
}
