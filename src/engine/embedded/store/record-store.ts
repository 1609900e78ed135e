import type { CollectionSpec } from '../../collection-spec.ts'
import type { Filter } from '../../filter.ts'
import type { Metadata } from '../../metadata.ts'
import type { GenerationStore } from './generation-store.ts'

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

/** What came with the image of a record; null for a record that was given as a vector. */
export interface ImageFacts {
  /** SHA-256 of the uploaded bytes, lower-case hexadecimal. */
  readonly contentHash: string
  readonly mediaType: string
  /** Pixels, after EXIF orientation. */
  readonly width: number
  readonly height: number
  readonly bytes: number
  /** 64 bits, 16 lower-case hexadecimal digits; null for an image that was stored before there were fingerprints. */
  readonly fingerprint: string | null
}

/** The kept original or thumbnail. */
export interface KeptContent {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

export interface NewRecord {
  readonly id: string
  /** As stored: float32, of the collection's dimensions, of unit length under cosine. */
  readonly vector: Float32Array
  readonly metadata: Metadata
  readonly image: ImageFacts | null
  readonly content: KeptContent | null
  /** The same picture's vector in a generation that is being made. */
  readonly next?: { readonly generation: number; readonly vector: Float32Array }
}

/** A record without its vector, which lives in shared memory, and without its content. */
export interface StoredRecord {
  /** Names this version of the record. A replaced record gets a new key; metadata changes keep it. */
  readonly key: number
  readonly id: string
  readonly metadata: Metadata
  readonly image: ImageFacts | null
  readonly hasContent: boolean
  /** ISO 8601, UTC; of the last change. */
  readonly updatedAt: string
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
  patchMetadata(collection: number, id: string, patch: Metadata): Promise<StoredRecord | null>
  /** Deletes versions by key, so that a record replaced meanwhile stays. Resolves to those deleted. */
  deleteKeys(collection: number, keys: readonly number[]): Promise<readonly number[]>

  /**
   * Key, id, vector and fingerprint of every record that has a vector in the generation in force, or in that of
   * `range`, in key order, a batch at a time. @throws GENERATION_NOT_FOUND.
   */
  vectors(collection: number, range?: VectorRange): AsyncIterable<VectorBatch>
  record(collection: number, id: string): Promise<StoredRecord | null>
  /** The records of these versions, in the order asked; null where a version is gone. */
  recordsByKey(
    collection: number,
    keys: readonly number[],
  ): Promise<readonly (StoredRecord | null)[]>
  content(collection: number, id: string): Promise<KeptContent | null>
  /** Up to `limit` records with id > `after` that meet the filter, in id order. */
  page(
    collection: number,
    options: { after: string | null; limit: number; filter: Filter | null },
  ): Promise<readonly StoredRecord[]>
  /** Keys of all records that meet the filter, in no order. */
  matching(collection: number, filter: Filter): Promise<Float64Array>
  /** The content hash of each id, in the order asked; null where there is none. */
  contentHashes(collection: number, ids: readonly string[]): Promise<readonly (string | null)[]>
  /** Bytes of the collection on disk, about. */
  bytes(collection: number): Promise<number>

  close(): Promise<void>
}
