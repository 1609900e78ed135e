import type { StoredCollection } from './record-store.ts'

/** The vectors of one model for the records of one collection. */
export interface StoredGeneration {
  /** Grows from 0; never used again. */
  readonly generation: number
  readonly model: string
  /** Of the model's ONNX file; null where nobody had noted it when the first of these vectors were made. */
  readonly modelSha256: string | null
  readonly dimensions: number
  /** ISO 8601, UTC; of generation 0 the time at which the next was begun. */
  readonly createdAt: string
}

/** What a generation is begun with. */
export interface NewGeneration {
  readonly model: string
  readonly modelSha256: string
  readonly dimensions: number
  /** SHA-256 of the model in force now, for the records of it; null where it cannot be read. */
  readonly currentSha256: string | null
}

/** A version without a vector in some generation. */
export interface LackingRecord {
  readonly key: number
  readonly id: string
  /** SHA-256 of the picture; null for a record that came as a vector. */
  readonly contentHash: string | null
}

/** One slice of a walk over a collection in key order. */
export interface LackingSlice {
  readonly records: readonly LackingRecord[]
  /** Records looked at, with those that have their vector. */
  readonly seen: number
  /** The walk goes on after this key; null at the end. */
  readonly last: number | null
}

/**
 * The generations of a collection in the truth: the vectors in force, those that are being made, and older ones that are
 * kept. Calls throw COLLECTION_NOT_FOUND and what calls of RecordStore throw.
 */
export interface GenerationStore {
  /** All but dropped ones, in the order of their numbers; none before the first was begun. */
  list(collection: number): Promise<readonly StoredGeneration[]>
  /** Goes on with the one of the same model file and dimensions, where there is one; so it may be that in force. */
  begin(collection: number, wanted: NewGeneration): Promise<StoredGeneration>
  /** The versions after a key that have no vector in it. */
  lacking(collection: number, generation: number, after: number): Promise<LackingSlice>
  /** Resolves to the number stored: versions that have ended, or have theirs, are left alone. */
  addVectors(
    collection: number,
    generation: number,
    vectors: readonly { readonly key: number; readonly vector: Float32Array }[],
  ): Promise<number>
  /**
   * Makes it the one in force, with its model and dimensions, in one transaction. @param records the collection has.
   * @throws GENERATION_NOT_FOUND; STORE_FAILED when it has others meanwhile.
   */
  switchTo(collection: number, generation: number, records: number): Promise<StoredCollection>
  /** Resolves once it is gone; its room is freed afterwards. @throws GENERATION_NOT_FOUND, GENERATION_IN_FORCE. */
  drop(collection: number, generation: number): Promise<void>
  /** Records of the collection, with those that have no vector in force. */
  records(collection: number): Promise<number>
}
