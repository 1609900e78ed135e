import type { CollectionSpec, Keep, VectorMemory } from '../engine/collection-spec.ts'
import type { ExactIndex } from '../engine/embedded/gallery.ts'
import type { MeasuredRecall } from '../engine/embedded/search/live-recall.ts'
import type { ImageFacts, KeptContent } from '../engine/embedded/store/record-store.ts'
import type { Filter } from '../engine/filter.ts'
import type { Metadata } from '../engine/metadata.ts'
import type { CollectionStatistics, StatisticsRequest } from '../engine/statistics.ts'
import type { GraphState } from '../index/graph/approximate-index.ts'
import type { Accuracy } from '../index/planner/planner.ts'
import type { SearchLevel } from '../index/row-index.ts'
import type { DuplicatesAnswer, DuplicatesRequest } from './duplicates.ts'
import type { IdentitySearchAnswer, IdentitySearchRequest } from './search-identities.ts'

/** A creation as asked for: what is left out takes its default. */
export interface CreateCollection {
  readonly name: string
  readonly model?: string
  readonly metric?: 'cosine' | 'euclidean'
  readonly dimensions?: number
  readonly fields?: readonly string[]
  readonly identityField?: string
  readonly cameraField?: string
  readonly keep?: Keep
  readonly latencyBudgetMs?: number
  readonly recallTarget?: number
  readonly memory?: VectorMemory
}

export interface CollectionStatus extends CollectionSpec {
  readonly count: number
  /** On disk and in memory, about. */
  readonly bytes: { readonly disk: number; readonly memory: number }
  /** The plan in force for unfiltered k-NN. */
  readonly plan: 'scan' | 'graph'
  readonly graph: GraphState
  /** Of approximate answers, as measured of late; by filter band. */
  readonly recall: readonly MeasuredRecall[]
  readonly createdAt: string
}

export interface ImageInput {
  readonly id: string
  readonly bytes: Uint8Array
  readonly metadata: Metadata
}

export interface VectorInput {
  readonly id: string
  readonly vector: ArrayLike<number>
  readonly metadata: Metadata
}

export interface AddResult {
  readonly id: string
  readonly status: 'added' | 'replaced'
}

/** One of many: each succeeds or fails by itself. `error` is an AppError, or unexpected. */
export type AddOutcome =
  | AddResult
  | { readonly id: string; readonly status: 'failed'; readonly error: unknown }

export interface RecordView {
  readonly id: string
  readonly metadata: Metadata
  readonly image: ImageFacts | null
  readonly hasContent: boolean
  readonly updatedAt: string
  readonly vector?: Float32Array
}

export interface RecordPage {
  readonly records: readonly RecordView[]
  /** Goes on after the last record; null at the end. */
  readonly cursor: string | null
}

/** One thing to search by. `Image` is what stands for an image: its bytes, or on the way here something else. */
export type QueryExample<Image = Uint8Array> =
  | { readonly kind: 'image'; readonly bytes: Image }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'vector'; readonly vector: ArrayLike<number> }

/**
 * `one`: the example itself. `views`: several images of one subject, searched by their normalised
 * mean. `examples`: towards the mean of the positive and away from the mean of the negative ones.
 */
export type SearchQuery<Image = Uint8Array> =
  | { readonly kind: 'one'; readonly example: QueryExample<Image> }
  | { readonly kind: 'views'; readonly images: readonly Image[] }
  | {
      readonly kind: 'examples'
      readonly positive: readonly QueryExample<Image>[]
      readonly negative: readonly QueryExample<Image>[]
    }

type Include = 'metadata' | 'vector' | 'explain'

export interface SearchRequest<Image = Uint8Array> {
  readonly query: SearchQuery<Image>
  /** Both null: k is 10. */
  readonly k: number | null
  readonly radius: number | null
  readonly filter: Filter | null
  /**
   * A metadata field: at most `groupSize` records of each of its values, `k` values; with a radius and no `k`,
   * all values within it. Takes no cursor.
   */
  readonly groupBy: string | null
  readonly groupSize: number
  /** How exact answers are found; they are the same. */
  readonly exactIndex: ExactIndex
  readonly accuracy: Accuracy
  /** Candidates that the graph keeps in sight; left out: as many as reach the recall target. */
  readonly ef?: number
  readonly include: readonly Include[]
  /** Matches in one answer; the rest is behind the cursor. Groups have none: a larger limit shows more. */
  readonly limit: number
  readonly cursor: string | null
}

export const MAX_K = 10_000
export const MAX_LIMIT = 10_000
export const MAX_EF = 2000
export const DEFAULT_K = 10
export const DEFAULT_LIMIT = 1000
export const MAX_QUERY_IMAGES = 16
export const MAX_QUERY_EXAMPLES = 64
export const MAX_GROUP_SIZE = 100

export interface SearchMatch {
  readonly id: string
  readonly distance: number
  /** The cosine; only where the metric is cosine. */
  readonly similarity?: number
  readonly metadata?: Metadata
  readonly vector?: Float32Array
  /** The value of the field grouped by. */
  readonly group?: string | number | boolean
}

export interface SearchAnswer {
  /** By distance, then id. */
  readonly matches: readonly SearchMatch[]
  readonly exact: boolean
  /** False when `limit` cut the answer; `cursor`, if there is one, goes on from there. */
  readonly complete: boolean
  readonly cursor: string | null
  readonly explain?: {
    readonly plan: string
    /** How many candidates the graph kept in sight, where it answered. */
    readonly ef?: number
    readonly levels: readonly SearchLevel[]
    /** Distances computed in full (canonical arithmetic). */
    readonly distances: number
    /** Of the search among the vectors. */
    readonly predictedMs: number
    readonly measuredMs: number
  }
  /** Milliseconds; decode and embed are 0 where no image was given. */
  readonly timings: {
    readonly decodeMs: number
    readonly embedMs: number
    readonly searchMs: number
    readonly totalMs: number
  }
}

interface CallOptions {
  readonly signal?: AbortSignal
}

/**
 * The use cases of one collection. Throws AppErrors: COLLECTION_WITHOUT_MODEL for image calls on a collection of
 * vectors, RECORD_NOT_FOUND for unknown ids, and what decoder, embedder and store throw.
 */
export interface CollectionUseCases {
  readonly spec: CollectionSpec
  status(): Promise<CollectionStatus>
  addImage(input: ImageInput, options?: CallOptions): Promise<AddResult>
  /** Waits for every image. @throws DUPLICATE_ID when an id comes twice. */
  addImages(inputs: readonly ImageInput[], options?: CallOptions): Promise<readonly AddOutcome[]>
  /** All or none is checked before the first is stored. @throws DUPLICATE_ID, DIMENSION_MISMATCH, … */
  addVectors(inputs: readonly VectorInput[]): Promise<readonly AddResult[]>
  record(id: string, options: { vector: boolean }): Promise<RecordView>
  /** @throws CONTENT_NOT_FOUND when nothing was kept. */
  content(id: string): Promise<KeptContent>
  /** JSON merge patch (RFC 7396): members of `patch` replace, null removes. */
  patchMetadata(id: string, patch: Metadata): Promise<RecordView>
  delete(id: string): Promise<void>
  /** Resolves to the number deleted; unknown ids are not an error. */
  deleteMany(which: { ids: readonly string[] } | { filter: Filter }): Promise<number>
  page(options: {
    limit: number
    cursor: string | null
    filter: Filter | null
    vector: boolean
  }): Promise<RecordPage>
  search(request: SearchRequest, options?: CallOptions): Promise<SearchAnswer>
  /**
   * The identities whose records, as a set, are nearest to those searched by. @throws COLLECTION_WITHOUT_IDENTITIES,
   * IDENTITY_NOT_FOUND, IDENTITY_TOO_LARGE.
   */
  searchIdentities(
    request: IdentitySearchRequest,
    options?: CallOptions,
  ): Promise<IdentitySearchAnswer>
  /** From a seeded sample that is compared and searched with. */
  statistics(request: StatisticsRequest, options?: CallOptions): Promise<CollectionStatistics>
  /** Groups of records that are the same picture, or alike. @throws INVALID_REQUEST, INVALID_CURSOR. */
  duplicates(request: DuplicatesRequest, options?: CallOptions): Promise<DuplicatesAnswer>
  /** The content hash (SHA-256) of each id, null where there is none: what an indexer may skip. */
  contentHashes(ids: readonly string[]): Promise<readonly (string | null)[]>
}

/** The use cases of the service. */
export interface CollectionsUseCases {
  /** `created` is false when an equal collection was there. @throws COLLECTION_DIFFERS, MODEL_NOT_FOUND. */
  create(request: CreateCollection): Promise<{ created: boolean; status: CollectionStatus }>
  list(): Promise<readonly CollectionStatus[]>
  /** @throws COLLECTION_NOT_FOUND, NOT_READY while it loads. */
  get(name: string): CollectionUseCases
  drop(name: string): Promise<void>
}
