import type { CollectionSpec } from '../engine/collection-spec.ts'
import type { EngineCollectionStatus } from '../engine/engine.ts'
import type { Metadata } from '../engine/metadata.ts'
import type {
  CombinedQuery,
  EngineAnswer,
  EngineMatch,
  EngineQuery,
  SearchPlan,
} from '../engine/query.ts'
import type { StoredRecord } from '../engine/record.ts'
import type { QualityFault } from './enrolment.ts'
import type { CameraRequest } from './own-cameras.ts'
import type { Rerank, RerankPlan, RerankSummary } from './rerank/rerank.ts'

/** A collection to create; what is left out takes its default. */
export interface CreateCollection
  extends Partial<Omit<CollectionSpec, 'name' | 'model' | 'identityField' | 'cameraField'>> {
  readonly name: string
  readonly model?: string
  readonly identityField?: string
  readonly cameraField?: string
}

export interface CollectionStatus extends CollectionSpec, EngineCollectionStatus {
  readonly createdAt: string
}

/** What every record that is added may have. */
interface RecordInput {
  readonly id: string
  readonly metadata: Metadata
  /** The time at which it is deleted, in milliseconds since 1970, UTC; left out, as the collection retains it. */
  readonly expiresAt?: number
}

export interface ImageInput extends RecordInput {
  readonly bytes: Uint8Array
}

export interface VectorInput extends RecordInput {
  readonly vector: ArrayLike<number>
}

export interface AddResult {
  readonly id: string
  readonly status: 'added' | 'replaced'
  /** Why it was stored without its identity, where it was. */
  readonly held?: readonly QualityFault[]
}

/** The result for one image of many, each of which succeeds or fails by itself. */
export type AddOutcome =
  | AddResult
  | { readonly id: string; readonly status: 'failed'; readonly error: unknown }

export interface RecordPage {
  readonly records: readonly StoredRecord[]
  /** Gives the next page; null at the end. */
  readonly cursor: string | null
}

/** One thing to search by. `Image` stands for an image: its bytes, or on the way here another source of them. */
export type QueryExample<Image = Uint8Array> =
  | { readonly kind: 'image'; readonly bytes: Image }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'vector'; readonly vector: ArrayLike<number> }

/**
 * The examples to search by: one by itself, or several towards the normalised mean of the positive and away from the mean
 * of the negative ones. Several views of one subject are positive examples.
 */
export interface SearchQuery<Image = Uint8Array> {
  readonly positive: readonly QueryExample<Image>[]
  readonly negative: readonly QueryExample<Image>[]
}

/** Several queries at once, each with what its distance counts for. */
export interface CombinedRequest<Image = Uint8Array> extends Pick<CombinedQuery, 'combine'> {
  readonly parts: readonly {
    readonly query: SearchQuery<Image>
    readonly weight: number
    /** By fingerprint the query is one record. */
    readonly by: CombinedQuery['parts'][number]['by']
  }[]
}

/** A search as users request it: an engine's query whose vector is still to be made. */
export interface SearchRequest<Image = Uint8Array>
  extends Omit<EngineQuery, 'vector' | 'without' | 'include' | 'combined'>,
    CameraRequest {
  /** Searched by in the place of `query`. */
  readonly combined?: CombinedRequest<Image>
  readonly query: SearchQuery<Image>
  readonly include: readonly ('metadata' | 'vector' | 'explain')[]
  /** Another order of the answer; left out, that of the distances. */
  readonly rerank?: Rerank
}

export const MAX_K = 10_000
export const MAX_LIMIT = 10_000
export const MAX_EF = 2000
export const DEFAULT_LIMIT = 1000
export const MAX_QUERY_IMAGES = 16
export const MAX_QUERY_EXAMPLES = 64
export const MAX_QUERY_PARTS = 8
export const MAX_GROUP_SIZE = 100

export interface SearchMatch extends EngineMatch {
  /** The cosine; only where the metric is cosine. */
  readonly similarity?: number
  /** The distance after re-ranking, where that was wanted. */
  readonly reranked?: number
}

export interface SearchAnswer extends Omit<EngineAnswer, 'matches' | 'explain'> {
  /** By `reranked`, where there is one, then distance, then id. */
  readonly matches: readonly SearchMatch[]
  readonly rerank?: RerankSummary
  readonly explain?: SearchPlan & { readonly rerank?: RerankPlan }
  /** Milliseconds; decode and embed are 0 where no image was given. */
  readonly timings: Readonly<Record<'decodeMs' | 'embedMs' | 'searchMs' | 'totalMs', number>>
}

export interface CallOptions {
  readonly signal?: AbortSignal
}
