import { AppError } from '../../../errors.ts'
import {
  type CollectionSpec,
  DEFAULT_LATENCY_BUDGET_MS,
  DEFAULT_RECALL_TARGET,
} from '../../collection-spec.ts'
import type { Database } from './database.ts'
import type { ImageFacts, NewRecord, StoredCollection, StoredRecord } from './record-store.ts'

/**
 * A record on its way between threads. Metadata travels as its JSON text: that is how it is stored, it is
 * cheaper to parse than to clone, and cloning would lose a member named `__proto__`.
 */
export type WireRecord = Omit<StoredRecord, 'metadata'> & { readonly metadata: string }

export type WireNewRecord = Omit<NewRecord, 'metadata'> & { readonly metadata: string }

/** NULL stays NULL, which `hex` alone would not leave it. */
export const FINGERPRINT = "nullif(lower(hex(fingerprint)), '')"

/** What a query of `RECORD_COLUMNS` gives. */
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
}

export const RECORD_COLUMNS = `key, id, metadata, content_hash AS contentHash, media_type AS mediaType,
  width, height, image_bytes AS imageBytes, content_bytes AS contentBytes, updated_at AS updatedAt,
  ${FINGERPRINT} AS fingerprint`

export interface CollectionRow {
  readonly key: number
  readonly spec: string
  readonly generation: number
  readonly createdAt: string
}

/** The sums of a collection, and what its records must look like. */
export interface LiveCollection {
  readonly dimensions: number
  /** In force. */
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
  }
}

function imageFacts(row: RecordRow): ImageFacts | null {
  const { contentHash, mediaType, width, height, imageBytes, fingerprint } = row
  if (contentHash === null) return null
  return { contentHash, mediaType, width, height, bytes: imageBytes, fingerprint }
}

/** Members that collections had not when the first were stored. */
const LATER_MEMBERS = {
  latencyBudgetMs: DEFAULT_LATENCY_BUDGET_MS,
  recallTarget: DEFAULT_RECALL_TARGET,
  memory: 'float32',
}

export function toStoredCollection(row: CollectionRow): StoredCollection {
  return {
    key: row.key,
    spec: { ...LATER_MEMBERS, ...(JSON.parse(row.spec) as CollectionSpec) },
    generation: row.generation,
    createdAt: row.createdAt,
  }
}

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

/** What they give is a StoredGeneration. */
export const GENERATION_COLUMNS =
  'generation, model, model_sha256 AS modelSha256, dimensions, created_at AS createdAt'

export function unknownGeneration(generation: number): AppError {
  return new AppError('GENERATION_NOT_FOUND', `there is no generation ${generation}`)
}
