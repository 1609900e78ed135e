import type { GraphState } from '../index/graph/approximate-index.ts'
import type { Accuracy } from '../index/planner/planner.ts'
import type { CollectionSpec, VectorMemory } from './collection-spec.ts'
import type { Filter } from './filter.ts'
import type {
  GenerationDraft,
  NewGeneration,
  PinnedGeneration,
  StoredGeneration,
} from './generation.ts'
import type { IdentityStore } from './identity-store.ts'
import type { JobStore } from './job-store.ts'
import type { Metadata } from './metadata.ts'
import type { ExactIndex, MeasuredRecall } from './query.ts'
import type { Erasure, KeptContent, NewRecord, RecordSummary, StoredRecord } from './record.ts'

/** The abilities in which engines differ. Requests for what one lacks are refused, never emulated in silence. */
export interface EngineCapabilities {
  readonly accuracies: readonly Accuracy[]
  readonly exactIndexes: readonly ExactIndex[]
  readonly memories: readonly VectorMemory[]
  /** Whether it searches identities by their sets of records. */
  readonly identities: boolean
  readonly fingerprints: boolean
  readonly statistics: boolean
  /** Whether it joins collections, and knows of which records one is among the k nearest. */
  readonly joins: boolean
}

/** The state of all collections as it is last known, without waiting. */
export interface EngineStatus {
  /** The number of collections, loaded or not. */
  readonly collections: number
  /** The number of records in all collections that are loaded. */
  readonly records: number
  /** The bytes of memory that hold vectors. */
  readonly vectorBytes: number
  /** False while the disk is full: what frees room is taken, and other writes are answered with DISK_FULL. */
  readonly writable: boolean
  /** The measurements of every collection that is loaded. */
  readonly recall: readonly MeasuredRecall[]
}

/** The state of one collection. */
export interface EngineCollectionStatus {
  /** The number of records that a search can find. */
  readonly count: number
  /** Bytes, about. */
  readonly bytes: { readonly disk: number; readonly memory: number }
  /** The way to the ten nearest of all records now, when the accuracy is left to the engine. */
  readonly plan: 'scan' | 'graph'
  readonly graph: GraphState
  /** One measurement for each filter band that was searched. */
  readonly recall: readonly MeasuredRecall[]
}

/** Some records of a walk over vectors. The vectors are valid until the next batch is requested. */
export interface VectorBatch {
  readonly ids: readonly string[]
  /** `ids.length` rows of the dimensions. */
  readonly vectors: Float32Array
}

/** A page of records in id order. */
export interface ScrollOptions {
  /** Only records with a larger id; null for all. */
  readonly after: string | null
  readonly limit: number
  readonly filter: Filter | null
  /** Whether the records come with their vectors. */
  readonly vectors: boolean
  /** Whether to wait for writes under way, so that a search can find every record of the page. */
  readonly searchable: boolean
}

/**
 * One collection: its records, and its vectors in one generation for each model that it was embedded with. Changes resolve
 * after their commit has reached the disk, in the order of the commits. Calls throw COLLECTION_NOT_FOUND once the
 * collection was dropped, STORE_FAILED when the store cannot answer, and QUEUE_FULL when too many calls wait. Long ones end
 * with the reason of their signal when it aborts.
 */
export interface EngineCollection {
  /** The spec as created, but for model and dimensions, which are those of the active generation. */
  readonly spec: CollectionSpec
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** The number of records that a search can find. */
  readonly size: number
  /** What is known of its identities; of one that has none, nothing. */
  readonly identities: IdentityStore
  status(): Promise<EngineCollectionStatus>
  /** Adds a record, or replaces the one of the same id. */
  put(record: NewRecord): Promise<'added' | 'replaced'>
  /**
   * Applies a JSON merge patch (RFC 7396, `mergeMetadata`) to the metadata of a record; null when there is none.
   * @throws INVALID_METADATA when the result is too large.
   */
  patch(id: string, patch: Metadata): Promise<StoredRecord | null>
  /**
   * Resolves to the number of records deleted; unknown ids are no error. What was deleted when `signal` aborts stays deleted.
   */
  delete(
    which: { readonly ids: readonly string[] } | { readonly filter: Filter },
    signal?: AbortSignal,
  ): Promise<number>
  /** Deletes as `delete` does, and counts what went. */
  erase(ids: readonly string[], signal?: AbortSignal): Promise<Erasure>
  /**
   * Resolves to true once no file has a byte of what was deleted before; to false where that takes too long, as while a long read
   * needs the log: it is then done later.
   */
  erased(): Promise<boolean>
  get(id: string, options: { readonly vector: boolean }): Promise<StoredRecord | null>
  /** Gives the kept original or thumbnail; null where nothing was kept, or there is no record. */
  content(id: string): Promise<KeptContent | null>
  /** Gives what shows whether the record of each id is up to date, in this order; null where there is none. */
  summaries(ids: readonly string[]): Promise<readonly (RecordSummary | null)[]>
  scroll(options: ScrollOptions, signal?: AbortSignal): Promise<readonly StoredRecord[]>
  /** Counts the records that meet the filter, also those that have no vector in the active generation. */
  count(filter: Filter | null, signal?: AbortSignal): Promise<number>
  /** Walks over the vectors of the active generation, in the order of writes. */
  vectors(): AsyncIterable<VectorBatch>
  /** Runs `work` while no record is put or deleted; such calls wait meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Gives the active generation, which can be searched until its release, also when another becomes active. */
  pin(): { readonly generation: PinnedGeneration; readonly release: () => void }
  /** Gives a document that was kept with the collection, as plain JSON; null where there is none of this name. */
  document(name: string): Promise<unknown>
  /** Keeps plain JSON with the collection, in the place of the document of this name. */
  keepDocument(name: string, document: unknown): Promise<void>
  /** Lists all generations but dropped ones, in the order of their numbers; none before the second was begun. */
  generations(): Promise<readonly StoredGeneration[]>
  /** The number of the active generation: 0 until the collection is first re-embedded. */
  readonly activeGeneration: number
  /** Begins a generation, or resumes the one of the same model file and dimensions, which may be the active one. */
  beginGeneration(wanted: NewGeneration): Promise<GenerationDraft>
  /** Resolves once it is gone; its room is freed afterwards. @throws GENERATION_NOT_FOUND, GENERATION_IN_FORCE. */
  dropGeneration(generation: number): Promise<void>
}

/** Port: stores and searches collections. */
export interface Engine {
  readonly capabilities: EngineCapabilities
  readonly status: EngineStatus
  readonly jobs: JobStore
  /** Resolves when every collection is loaded; until then `collection` may throw NOT_READY. */
  readonly loaded: Promise<void>
  /** The names of all collections, loaded or not, in order. */
  readonly names: readonly string[]
  /**
   * Gives the same object for a collection until it is dropped.
   * @throws COLLECTION_NOT_FOUND; NOT_READY while it loads; STORE_FAILED when it could not be loaded.
   */
  collection(name: string): EngineCollection
  /**
   * Creates a collection, unless an equal one exists.
   * @throws COLLECTION_DIFFERS when one of another spec has the name; TOO_MANY_COLLECTIONS.
   */
  create(spec: CollectionSpec): Promise<{ created: boolean; collection: EngineCollection }>
  /** Resolves once the collection is gone for every later call; its room is freed afterwards. @throws as `collection`. */
  drop(name: string): Promise<void>
  close(): Promise<void>
}
