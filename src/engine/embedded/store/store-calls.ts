import type { CollectionSpec } from '../../collection-spec.ts'
import type { Filter } from '../../filter.ts'
import type { LackingSlice, NewGeneration, StoredGeneration } from './generation-store.ts'
import type {
  KeptContent,
  NewRecord,
  StoredCollection,
  StoredRecord,
  VectorRange,
} from './record-store.ts'

/** `workerData` of a thread of the store. */
export interface StoreThreadData {
  /** The database file. */
  readonly path: string
}

/**
 * A record on its way between threads. Metadata travels as its JSON text: that is how it is stored, it is
 * cheaper to parse than to clone, and cloning would lose a member named `__proto__`.
 */
export type WireRecord = Omit<StoredRecord, 'metadata'> & { readonly metadata: string }

type WireNewRecord = Omit<NewRecord, 'metadata'> & { readonly metadata: string }

/** A slice of a walk over vectors. */
export interface VectorSlice {
  readonly keys: readonly number[]
  readonly ids: readonly string[]
  readonly vectors: Float32Array
  readonly fingerprints: readonly (string | null)[]
  /** The largest key when the walk began. Later versions have larger keys, so it ends here. */
  readonly upto: number
}

/** `at` is the time of the change, ISO 8601, UTC. */
export type WriterCalls = {
  createCollection: { args: { spec: CollectionSpec; at: string }; result: StoredCollection }
  dropCollection: { args: { collection: number }; result: undefined }
  put: {
    args: { collection: number; record: WireNewRecord; at: string }
    result: { key: number; replacedKey: number | null }
  }
  patchMetadata: {
    args: { collection: number; id: string; patch: string; at: string }
    result: WireRecord | null
  }
  deleteKeys: { args: { collection: number; keys: readonly number[] }; result: readonly number[] }
  beginGeneration: {
    args: { collection: number; wanted: NewGeneration; at: string }
    result: StoredGeneration
  }
  addVectors: {
    args: { collection: number; generation: number; keys: readonly number[]; vectors: Float32Array }
    result: number
  }
  switchGeneration: {
    args: { collection: number; generation: number; records: number }
    result: StoredCollection
  }
  dropGeneration: { args: { collection: number; generation: number }; result: undefined }
  /** Jobs travel as the JSON text that is stored. */
  addJob: { args: { id: string; job: string; input: string }; result: undefined }
  saveJob: { args: { id: string; job: string }; result: undefined }
  forgetJob: { args: { id: string }; result: undefined }
}

export type ReaderCalls = {
  collections: { args: null; result: readonly StoredCollection[] }
  record: { args: { collection: number; id: string }; result: WireRecord | null }
  recordsByKey: {
    args: { collection: number; keys: readonly number[] }
    result: readonly (WireRecord | null)[]
  }
  content: { args: { collection: number; id: string }; result: KeptContent | null }
  page: {
    args: { collection: number; after: string | null; limit: number; filter: Filter | null }
    result: readonly WireRecord[]
  }
  matching: { args: { collection: number; filter: Filter }; result: Float64Array }
  contentHashes: {
    args: { collection: number; ids: readonly string[] }
    result: readonly (string | null)[]
  }
  bytes: { args: { collection: number }; result: number }
  jobs: { args: null; result: readonly string[] }
  jobInput: { args: { id: string }; result: string }
  vectors: {
    args: { collection: number } & Omit<VectorRange, 'generation'> & {
        generation: number | null
        /** Where the vectors go. */
        into: SharedArrayBuffer
      }
    result: VectorSlice
  }
  generations: { args: { collection: number }; result: readonly StoredGeneration[] }
  lacking: {
    args: { collection: number; generation: number; after: number }
    result: LackingSlice
  }
  records: { args: { collection: number }; result: number }
}
