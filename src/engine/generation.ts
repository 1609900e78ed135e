import type { Random } from '../vector/random.ts'
import type { CollectionSpec } from './collection-spec.ts'
import type { MapAnswer, MapQuery } from './map.ts'
import type {
  HubsAnswer,
  HubsQuery,
  JoinedPair,
  JoinQuery,
  ReverseAnswer,
  ReverseQuery,
} from './pairs.ts'
import type {
  CountedRecords,
  CountQuery,
  EngineAnswer,
  EngineQuery,
  FacetAnswer,
  FacetQuery,
  IdentityAnswer,
  IdentityQuery,
  SelectAnswer,
  SelectQuery,
} from './query.ts'
import type { RecordWithVector } from './record.ts'
import type { CollectionStatistics, StatisticsRequest } from './statistics.ts'

/** A generation: the vectors of one model for the records of one collection. */
export interface StoredGeneration {
  /** A number that grows from 0 and is never used again. */
  readonly generation: number
  readonly model: string
  /** SHA-256 of the model's ONNX file; null where it was not noted when the first of these vectors were made. */
  readonly modelSha256: string | null
  readonly dimensions: number
  /** ISO 8601, UTC; for generation 0 the time at which the next was begun. */
  readonly createdAt: string
}

/** A generation to begin. */
export interface NewGeneration {
  readonly model: string
  readonly modelSha256: string
  readonly dimensions: number
  /** SHA-256 of the model of the active generation, to be noted; null where it cannot be read. */
  readonly activeSha256: string | null
}

export interface SampledVector {
  readonly id: string
  /** A copy, as stored. */
  readonly vector: Float32Array
}

/** The generation that was active when it was pinned, as it is searched until its release. */
export interface PinnedGeneration {
  /** The spec as created, but for model and dimensions, which are those of this generation. */
  readonly spec: CollectionSpec
  readonly generation: number
  /** Gives a copy of a record's vector as stored; null when there is no record of this id. */
  vector(id: string): Promise<Float32Array | null>
  /** @throws INVALID_CURSOR, INVALID_REQUEST, QUEUE_FULL, THREAD_FAILED, and what `signal` aborts with. */
  search(query: EngineQuery, signal?: AbortSignal): Promise<EngineAnswer>
  /** Counts the records within a radius. @throws QUEUE_FULL, THREAD_FAILED, and what `signal` aborts with. */
  countWithin(query: CountQuery, signal?: AbortSignal): Promise<CountedRecords>
  /** Counts records by the values of some fields. @throws as `countWithin`. */
  facets(query: FacetQuery, signal?: AbortSignal): Promise<FacetAnswer>
  /** Chooses records that stand for all, or that stand out. @throws as `countWithin`. */
  select(query: SelectQuery, signal?: AbortSignal): Promise<SelectAnswer>
  /**
   * Places records on the plane of their first two principal components. It is found anew when a tenth of the records has
   * changed since. @throws as `countWithin`.
   */
  map(query: MapQuery, signal?: AbortSignal): Promise<MapAnswer>
  /**
   * @throws COLLECTION_WITHOUT_IDENTITIES; IDENTITY_NOT_FOUND and IDENTITY_TOO_LARGE for a query by identity;
   * INVALID_REQUEST, OUT_OF_MEMORY, QUEUE_FULL, THREAD_FAILED, and what `signal` aborts with.
   */
  searchIdentities(query: IdentityQuery, signal?: AbortSignal): Promise<IdentityAnswer>
  /**
   * Joins its records with those of another generation of the same space and dimensions, `b` of each pair; null: with
   * themselves, each pair once, and `a` the earlier id. The `k` closest come by distance, then `a`, then `b`; all pairs within
   * a radius in no order. What is found and not taken yet is bounded, so that the join goes on as it is taken.
   * @throws QUEUE_FULL, THREAD_FAILED, and what `signal` aborts with.
   */
  join(
    other: PinnedGeneration | null,
    query: JoinQuery,
    signal: AbortSignal,
  ): AsyncGenerator<readonly JoinedPair[]>
  /** Finds the records that have a query among their k nearest. @throws as `join`. */
  reverseSearch(query: ReverseQuery, signal: AbortSignal): Promise<ReverseAnswer>
  /** Counts how often each record is among the k nearest of others. @throws as `join`. */
  hubs(query: HubsQuery, signal: AbortSignal): Promise<HubsAnswer>
  /**
   * Finds the records whose fingerprint differs from that of one record in at most `radius` bits (whole, at most
   * MAX_FINGERPRINT_RADIUS). @returns up to `most` ids, its own included, in no order; none when it has no fingerprint.
   */
  nearFingerprints(id: string, radius: number, most: number): Promise<readonly string[]>
  /** The number of records without a fingerprint. */
  readonly withoutFingerprint: number
  /** Describes the distances of the collection by a sample of its records. */
  statistics(request: StatisticsRequest, signal?: AbortSignal): Promise<CollectionStatistics>
}

/** A record that has no vector in some generation. */
export interface LackingRecord {
  readonly id: string
  /** SHA-256 of the image; null for a record that came as a vector. */
  readonly contentHash: string | null
  /** Its place in the order of writes. A record that is written again gets a new one. */
  readonly position: number
}

/** A slice of a walk over the records that have no vector in some generation, in the order of writes. */
export interface LackingSlice {
  readonly records: readonly LackingRecord[]
  /** The number of records looked at, those that have their vector included. */
  readonly seen: number
  /** The position after which the walk resumes; null at the end. */
  readonly last: number | null
}

/** A generation that is being made: it gets a vector for each record, and at last becomes the active one. */
export interface GenerationDraft {
  readonly spec: CollectionSpec
  readonly generation: number
  /** Whether it is the active one, some of whose vectors are missing. */
  readonly isActive: boolean
  /** Gives the next records after a position that have no vector in it. */
  lacking(after: number): Promise<LackingSlice>
  /** Stores vectors, but for records that were written again or have one. @returns how many. */
  addVectors(
    vectors: readonly { readonly position: number; readonly vector: Float32Array }[],
  ): Promise<number>
  /** Gives the vector of a record in the active generation; null when the record was written again since. */
  activeVector(record: LackingRecord): Promise<Float32Array | null>
  /**
   * Makes the vectors of records up to a position ready to be searched, beside the active ones.
   * @throws REEMBED_DIFFERS for a vector that is not finite, or not of unit length where it should be.
   */
  load(upto: number): Promise<void>
  /** The number of records whose vectors are ready. */
  readonly count: number
  /** Draws up to `wanted` records whose vectors are ready and are of the image that the record has now. */
  sample(wanted: number, random: Random): Promise<readonly RecordWithVector[]>
  /**
   * Makes it the active one, for searches that begin from now on. To be called within `alone` of the collection.
   * @param records the number of records that the collection must have, else STORE_FAILED.
   */
  activate(records: number): Promise<void>
  /** Frees its memory, unless it became active. Vectors that were added stay for the next draft of the same model. */
  release(): void
}
