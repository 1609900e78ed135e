import { endianness } from 'node:os'
import { AppError } from '../../../errors.ts'
import {
  type CollectionSpec,
  DEFAULT_LATENCY_BUDGET_MS,
  DEFAULT_RECALL_TARGET,
} from '../../collection-spec.ts'
import type { Filter } from '../../filter.ts'
import type { IdentityValue } from '../../identity-value.ts'
import type { Metadata } from '../../metadata.ts'
import type { ImageFacts, NewRecord, RecordSummary, StoredRecord } from '../../record.ts'
import type { Database } from './database.ts'

/** A collection as the truth holds it. */
export interface StoredCollection {
  /** A number that is never used again, also not after a drop. */
  readonly key: number
  /** The spec as created, but for model and dimensions, which are those of the generation. */
  readonly spec: CollectionSpec
  /** The number of the active generation. */
  readonly generation: number
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

/** A version of a record as the truth holds it. */
export interface KeyedRecord extends Omit<StoredRecord, 'vector'> {
  /** Names this version of the record. A replaced record gets a new key; metadata changes keep it. */
  readonly key: number
}

/** The outcome of a deletion of a list of versions. */
export interface DeletedVersions {
  /** The keys of those that were there. */
  readonly deleted: readonly number[]
  /** The number of keys at the end of the list that were not looked at, as enough was freed before. */
  readonly left: number
  /** The number of vectors, of all generations, and of kept pictures that went with them. */
  readonly vectors: number
  readonly contents: number
}

/** A version whose time has come. */
export interface ExpiredVersion {
  readonly key: number
  /** The key of its collection. */
  readonly collection: number
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface PageOptions {
  /** Only records with a larger id; null for all. */
  readonly after: string | null
  readonly limit: number
  readonly filter: Filter | null
}

/** The plain values of a metadata field in some versions. */
export interface FieldValues {
  /** One for each version; null where it has none. */
  readonly values: readonly (IdentityValue | null)[]
  /** Whether one of the versions has ended. */
  readonly gone: boolean
}

/** The versions of a generation with a key above `after`, up to `upto`. */
export interface VectorRange {
  readonly generation: number
  readonly after: number
  /** Null: up to the newest version when the walk begins. */
  readonly upto: number | null
}

/** A batch of a walk over vectors. Its vectors are overwritten once the next batch is taken. */
export interface VectorBatch {
  readonly keys: readonly number[]
  readonly ids: readonly string[]
  /** `keys.length` rows of the dimensions. */
  readonly vectors: Float32Array
  /** One a row, as `storedFingerprint` gives it. */
  readonly fingerprints: readonly (string | null)[]
}

/**
 * A record on its way between threads. Metadata travels as its JSON text: that is how it is stored, it is
 * cheaper to parse than to clone, and cloning would lose a member named `__proto__`.
 */
export type WireRecord = Omit<KeyedRecord, 'metadata'> & { readonly metadata: string }

export type WireSummary = Omit<RecordSummary, 'metadata'> & { readonly metadata: string }

export type WireNewRecord = Omit<NewRecord, 'metadata'> & { readonly metadata: string }

/** Parses what travelled as JSON text. */
export function withMetadata<Wire extends { readonly metadata: string }>(
  wire: Wire,
): Omit<Wire, 'metadata'> & { readonly metadata: Metadata } {
  return { ...wire, metadata: JSON.parse(wire.metadata) as Metadata }
}

const FINGERPRINT_DIGITS = 16

/** Gives the digits of a fingerprint and of its colours, which are stored together; null where there is none. */
export function storedFingerprint(image: ImageFacts | null): string | null {
  return image?.fingerprint ? `${image.fingerprint}${image.colours ?? ''}` : null
}

/** Reads NULL as NULL, which `hex` alone would make an empty text. */
export const FINGERPRINT = "nullif(lower(hex(fingerprint)), '')"

/** A row of a query of `RECORD_COLUMNS`. */
export interface RecordRow {
  readonly key: number
  readonly id: string
  readonly metadata: string
  readonly contentHash: string | null
  readonly mediaType: string
  readonly width: number
  readonly height: number
  readonly imageBytes: number
  readonly contentBytes: number | null
  readonly fingerprint: string | null
  readonly updatedAt: string
  /** Milliseconds since 1970; null for never. */
  readonly expiresAt: number | null
}

export const RECORD_COLUMNS = `key, id, metadata, content_hash AS contentHash, media_type AS mediaType,
  width, height, image_bytes AS imageBytes, content_bytes AS contentBytes, updated_at AS updatedAt,
  ${FINGERPRINT} AS fingerprint,
  (SELECT at FROM expiries WHERE expiries.record = records.key) AS expiresAt`

export interface CollectionRow {
  readonly key: number
  readonly spec: string
  readonly generation: number
  readonly createdAt: string
}

/** The sums of a collection, and what its records must look like. */
export interface LiveCollection {
  readonly dimensions: number
  /** The active one. */
  readonly generation: number
  readonly records: number
  readonly bytes: number
  readonly metadataBytes: number
}

export function toWireRecord(row: RecordRow): WireRecord {
  return {
    key: row.key,
    id: row.id,
    metadata: row.metadata,
    image: imageFacts(row),
    hasContent: row.contentBytes !== null,
    updatedAt: row.updatedAt,
    ...(row.expiresAt !== null && { expiresAt: new Date(row.expiresAt).toISOString() }),
  }
}

function imageFacts(row: RecordRow): ImageFacts | null {
  const { contentHash, mediaType, width, height, imageBytes } = row
  if (contentHash === null) return null
  const fingerprint = row.fingerprint?.slice(0, FINGERPRINT_DIGITS) ?? null
  return { contentHash, mediaType, width, height, bytes: imageBytes, fingerprint }
}

/** The members that specs stored by early versions lack. */
const LATER_MEMBERS = {
  latencyBudgetMs: DEFAULT_LATENCY_BUDGET_MS,
  recallTarget: DEFAULT_RECALL_TARGET,
  memory: 'float32',
  retainFor: null,
  quality: null,
}

export function toStoredCollection(row: CollectionRow): StoredCollection {
  return {
    key: row.key,
    spec: { ...LATER_MEMBERS, ...(JSON.parse(row.spec) as CollectionSpec) },
    generation: row.generation,
    createdAt: row.createdAt,
  }
}

/** Versions that ended longer ago than this many changes are found by comparing keys instead. */
export const TOMBSTONES_KEPT = 100_000

/** Looks up a collection by key. @throws COLLECTION_NOT_FOUND when it was dropped or never was. */
export function liveCollections(database: Database): (collection: number) => LiveCollection {
  const find = database.prepare<[number], LiveCollection>(
    `SELECT dimensions, generation, records, bytes, metadata_bytes AS metadataBytes
     FROM collections WHERE key = ? AND dropped = 0`,
  )
  return (collection) => {
    const found = find.get(collection)
    if (found === undefined) {
      throw new AppError('COLLECTION_NOT_FOUND', `there is no collection of key ${collection}`)
    }
    return found
  }
}

/** The columns of a StoredGeneration. */
export const GENERATION_COLUMNS =
  'generation, model, model_sha256 AS modelSha256, dimensions, created_at AS createdAt'

export function unknownGeneration(generation: number): AppError {
  return new AppError('GENERATION_NOT_FOUND', `there is no generation ${generation}`)
}

const SWAPPED = endianness() === 'BE'

/** Gives the bytes of a vector as the truth holds them: float32, little-endian. */
export function vectorBlob(vector: Float32Array): Buffer {
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
  return SWAPPED ? Buffer.from(bytes).swap32() : bytes
}

/** Copies a vector's bytes into `vectors` from element `offset` on. */
export function copyVectorBlob(blob: Uint8Array, vectors: Float32Array, offset: number): void {
  const target = Buffer.from(vectors.buffer, vectors.byteOffset + offset * 4, blob.byteLength)
  target.set(blob)
  if (SWAPPED) target.swap32()
}
