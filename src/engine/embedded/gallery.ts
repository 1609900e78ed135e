import type { GraphState } from '../../index/graph/approximate-index.ts'
import type { TreeKind } from '../../index/metric/row-tree.ts'
import type { Accuracy } from '../../index/planner/planner.ts'
import type { SearchLevel } from '../../index/row-index.ts'
import type { Random } from '../../vector/random.ts'

import type { GallerySets } from './identities/gallery-sets.ts'
import type { MeasuredRecall } from './search/live-recall.ts'

/** A place in the order of answers: by distance, then id. */
export interface Position {
  readonly distance: number
  readonly id: string
}

export type ExactIndex = 'scan' | TreeKind

export interface GalleryQuery {
  /** As stored (see toStoredVector). */
  readonly vector: Float32Array
  readonly k: number
  /** Published distance, inclusive; Infinity for none. */
  readonly radius: number
  /** Only what comes after this place. */
  readonly after: Position | null
  /**
   * Gives the versions to search (see StoredRecord.key); null for all. Called once the search has
   * begun, so that a record replaced while it runs is found in its old version.
   */
  readonly keys: (() => Promise<Float64Array>) | null
  /** Ids to leave out. */
  readonly without: readonly string[]
  /** The index to ask; the answer is the same. Where it is not ready the scan answers. */
  readonly exactIndex: ExactIndex
  /** The least that the answer may be; `auto`: exact where that is expected to be within the latency budget. */
  readonly accuracy: Accuracy
  /** Candidates that the graph keeps in sight; left out: as many as reach the recall target. */
  readonly ef?: number
  /** Whether the answer may go on behind the last hit: then nothing before it may be missing. */
  readonly paged: boolean
  /**
   * The name under which the next page may resume this request: while no record was written since, it costs less.
   * The answer is the same without.
   */
  readonly resumableAs?: string
}

export interface Hit extends Position {
  readonly key: number
}

/** Of a search among the vectors: without the filter's look at the metadata. */
export interface SearchCost {
  readonly predictedMs: number
  /** With the time it waited for others. */
  readonly measuredMs: number
}

export interface GalleryAnswer {
  /** The k nearest that the query allows, in order; not exact: k, but a nearer one may be missing. */
  readonly hits: readonly Hit[]
  readonly exact: boolean
  readonly plan: string
  /** How many candidates the graph kept in sight; null where it was not asked. */
  readonly ef: number | null
  readonly levels: readonly SearchLevel[]
  /** Distances computed in the canonical arithmetic. */
  readonly distances: number
  readonly cost: SearchCost
}

export interface SampledVector {
  readonly id: string
  /** A copy, as stored. */
  readonly vector: Float32Array
}

/** A committed version of a record, as the gallery is told of it. */
export interface GalleryRecord {
  readonly key: number
  readonly id: string
  readonly vector: Float32Array
  /** As in ImageFacts; left out where there is none. */
  readonly fingerprint?: string | null
  readonly replacedKey: number | null
}

/**
 * Port: the vectors of one collection, searchable. A cache of the truth: it is told of every
 * committed change, in the order of the commits. A search answers for the moment it began.
 */
export interface Gallery {
  readonly count: number
  readonly memoryBytes: number
  /** How the nearest of all are found now, when the accuracy is left to the service. */
  readonly plan: 'scan' | 'graph'
  /** By filter band; of a band without results nothing. */
  readonly recall: readonly MeasuredRecall[]
  readonly graph: GraphState
  /** About so many records are put at once, and then `filled` is called: what is made of them all can wait until then. */
  beginFilling(records: number): void
  /**
   * All that the truth held at the start has been put: what can be made of it may be made. Resolves when searches
   * are as quick as they need. @throws OUT_OF_MEMORY, STORE_FAILED, THREAD_FAILED.
   */
  filled(): Promise<void>
  /**
   * Makes room for `more` records, before they are committed; may wait until earlier ones are out of the way.
   * @throws OUT_OF_MEMORY.
   */
  reserve(more: number): Promise<void>
  put(record: GalleryRecord): void
  delete(keys: readonly number[]): void
  has(id: string): boolean
  keyOf(id: string): number | null
  /** A copy of the stored vector; null when there is no such record. */
  vector(id: string): Promise<Float32Array | null>
  /** Up to `wanted` records of this moment, each choice and order equally likely. */
  sample(wanted: number, random: Random): Promise<readonly SampledVector[]>
  /** Records without a fingerprint. */
  readonly withoutFingerprint: number
  /**
   * Ids of the records whose fingerprint differs from this record's in at most `radius` bits (whole, at most
   * MAX_FINGERPRINT_RADIUS), itself included; `most` at most, in no order; none when it has no fingerprint.
   */
  nearFingerprints(id: string, radius: number, most: number): readonly string[]
  search(query: GalleryQuery, signal?: AbortSignal): Promise<GalleryAnswer>
  /** Null where vectors are in a file. */
  readonly sets: GallerySets | null
  /**
   * Answers one of the queries of late again, exactly and approximately, and learns from both; false where there is
   * none. For when nobody else searches. @throws what `search` throws.
   */
  measureRecall(): Promise<boolean>
  /** Frees the memory once the searches under way have ended. */
  release(): void
}
