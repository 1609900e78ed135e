import type { CollectionSpec } from '../engine/collection-spec.ts'
import { checkDistinct } from '../engine/collection-spec.ts'
import { readPageCursor, writePageCursor } from '../engine/cursor.ts'
import type { EngineCapabilities, EngineCollection } from '../engine/engine.ts'
import type { Filter } from '../engine/filter.ts'
import type { PinnedGeneration } from '../engine/generation.ts'
import { type Metadata, parseMetadata } from '../engine/metadata.ts'
import type { KeptContent, StoredRecord } from '../engine/record.ts'
import type { CollectionStatistics, StatisticsRequest } from '../engine/statistics.ts'
import { AppError, shown } from '../errors.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import type { Clock } from '../scheduling/timers.ts'
import { checkAbility, checkCapability } from './capabilities.ts'
import type { CollectionModels } from './collection-models.ts'
import { type DuplicatesAnswer, type DuplicatesRequest, duplicates } from './duplicates.ts'
import { RecordWriter } from './record-writer.ts'
import type {
  AddOutcome,
  AddResult,
  CallOptions,
  CollectionStatus,
  ImageInput,
  RecordPage,
  SearchAnswer,
  SearchRequest,
  VectorInput,
} from './requests.ts'
import { search } from './search.ts'
import {
  type IdentitySearchAnswer,
  type IdentitySearchRequest,
  searchIdentities,
} from './search-identities.ts'

interface Parts {
  readonly engine: EngineCollection
  readonly capabilities: EngineCapabilities
  readonly embeddings: CollectionModels
  readonly clock: Clock
}

/** Images of one request that are embedded at once: enough to fill batches, not to fill the queue. */
const IMAGES_AT_ONCE = 16

/**
 * The use cases of one collection. Calls throw AppErrors: COLLECTION_WITHOUT_MODEL for images in a collection of
 * vectors, RECORD_NOT_FOUND for unknown ids, and what decoder, embedder and engine throw.
 */
export class Collection {
  readonly engine: EngineCollection
  /** Writes, and knows which generations new images are embedded for. */
  readonly writer: RecordWriter
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.engine = parts.engine
    this.writer = new RecordWriter(parts.engine, parts.embeddings)
    this.#parts = parts
  }

  /** The spec as created, but for model and dimensions, which are those of the active generation. */
  get spec(): CollectionSpec {
    return this.engine.spec
  }

  /** The number of records that a search can find. */
  get count(): number {
    return this.engine.size
  }

  async status(): Promise<CollectionStatus> {
    const { spec, createdAt } = this.engine
    return { ...spec, ...(await this.engine.status()), createdAt }
  }

  addImage(input: ImageInput, options: CallOptions = {}): Promise<AddResult> {
    return this.writer.addImage(input, options.signal)
  }

  /** Waits for every image; each succeeds or fails by itself. @throws DUPLICATE_ID when an id comes twice. */
  async addImages(
    inputs: readonly ImageInput[],
    options: CallOptions = {},
  ): Promise<readonly AddOutcome[]> {
    checkDistinct(inputs)
    await this.#parts.embeddings.load(this.spec)
    return mapBounded(inputs, IMAGES_AT_ONCE, async (input): Promise<AddOutcome> => {
      try {
        return await this.addImage(input, options)
      } catch (error) {
        return { id: input.id, status: 'failed', error }
      }
    })
  }

  /** Checks all before the first is stored. @throws DUPLICATE_ID, DIMENSION_MISMATCH, INVALID_VECTOR, … */
  addVectors(inputs: readonly VectorInput[]): Promise<readonly AddResult[]> {
    return this.writer.addVectors(inputs)
  }

  async record(id: string, options: { vector: boolean }): Promise<StoredRecord> {
    const record = await this.engine.get(id, options)
    if (record === null) throw this.#unknown(id)
    return record
  }

  /** The kept original or thumbnail. @throws CONTENT_NOT_FOUND when nothing was kept. */
  async content(id: string): Promise<KeptContent> {
    const content = await this.engine.content(id)
    if (content !== null) return content
    if ((await this.engine.get(id, { vector: false })) === null) throw this.#unknown(id)
    throw new AppError(
      'CONTENT_NOT_FOUND',
      `nothing was kept of ${shown(id)}: the collection keeps ${shown(this.spec.keep)}`,
    )
  }

  /** Applies a JSON merge patch (RFC 7396): members of `patch` replace, null removes. */
  async patchMetadata(id: string, patch: Metadata): Promise<StoredRecord> {
    const record = await this.engine.patch(id, parseMetadata(patch))
    if (record === null) throw this.#unknown(id)
    return record
  }

  async delete(id: string): Promise<void> {
    if ((await this.deleteMany({ ids: [id] })) === 0) throw this.#unknown(id)
  }

  /** Resolves to the number of records deleted; unknown ids are no error. */
  deleteMany(which: { ids: readonly string[] } | { filter: Filter }): Promise<number> {
    return this.writer.delete(which)
  }

  async page(options: {
    limit: number
    cursor: string | null
    filter: Filter | null
    vector: boolean
  }): Promise<RecordPage> {
    const { limit, cursor, filter, vector } = options
    const after = cursor === null ? null : readPageCursor(cursor)
    const found = await this.engine.scroll({ after, limit: limit + 1, filter, vectors: vector })
    const records = found.slice(0, limit)
    const last = records.at(-1)
    const more = found.length > limit && last !== undefined
    return { records, cursor: more ? writePageCursor(last.id) : null }
  }

  search(request: SearchRequest, { signal }: CallOptions = {}): Promise<SearchAnswer> {
    const { embeddings, clock, capabilities } = this.#parts
    checkCapability('accuracy', request.accuracy, capabilities.accuracies)
    checkCapability('exactIndex', request.exactIndex, capabilities.exactIndexes)
    return this.#pinned((generation) => search(request, { generation, embeddings, clock }, signal))
  }

  /**
   * Finds the identities whose records, as a set, are nearest to those searched by.
   * @throws COLLECTION_WITHOUT_IDENTITIES, IDENTITY_NOT_FOUND, IDENTITY_TOO_LARGE.
   */
  searchIdentities(
    request: IdentitySearchRequest,
    { signal }: CallOptions = {},
  ): Promise<IdentitySearchAnswer> {
    const { embeddings, clock, capabilities } = this.#parts
    checkAbility('identities', capabilities)
    return this.#pinned((generation) => {
      return searchIdentities(request, { generation, embeddings, clock }, signal)
    })
  }

  /** Describes the distances of a seeded sample that is compared and searched with. */
  statistics(
    request: StatisticsRequest,
    { signal }: CallOptions = {},
  ): Promise<CollectionStatistics> {
    checkAbility('statistics', this.#parts.capabilities)
    return this.#pinned((generation) => generation.statistics(request, signal))
  }

  /** Finds groups of records that are the same image, or similar. @throws INVALID_REQUEST, INVALID_CURSOR. */
  duplicates(request: DuplicatesRequest, { signal }: CallOptions = {}): Promise<DuplicatesAnswer> {
    if (request.by === 'fingerprint') checkAbility('fingerprints', this.#parts.capabilities)
    return this.#pinned((generation) => duplicates(request, this.engine, generation, signal))
  }

  /** SHA-256 of the image of each id, null where there is none: what an indexer may skip. */
  contentHashes(ids: readonly string[]): Promise<readonly (string | null)[]> {
    return this.engine.contentHashes(ids)
  }

  /** Runs `work` on the active generation, which stays searchable until the work is done. */
  async #pinned<T>(work: (generation: PinnedGeneration) => Promise<T>): Promise<T> {
    const { generation, release } = this.engine.pin()
    try {
      return await work(generation)
    } finally {
      release()
    }
  }

  #unknown(id: string): AppError {
    return new AppError(
      'RECORD_NOT_FOUND',
      `no record ${shown(id)} in collection ${this.spec.name}`,
    )
  }
}
