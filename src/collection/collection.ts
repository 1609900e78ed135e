import type { CollectionSpec } from '../engine/collection-spec.ts'
import { checkDistinct } from '../engine/collection-spec.ts'
import { readPageCursor, writePageCursor } from '../engine/cursor.ts'
import type { EngineCapabilities, EngineCollection, ScrollOptions } from '../engine/engine.ts'
import type { Filter } from '../engine/filter.ts'
import type { PinnedGeneration } from '../engine/generation.ts'
import { type Metadata, parseMetadata } from '../engine/metadata.ts'
import type { KeptContent, StoredRecord } from '../engine/record.ts'
import type { CollectionStatistics, StatisticsRequest } from '../engine/statistics.ts'
import { AppError, shown } from '../errors.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import type { Clock } from '../scheduling/timers.ts'
import { checkAbility, checkCapability } from './capabilities.ts'
import { type CollectionModels, IMAGES_AT_ONCE } from './collection-models.ts'
import { type DuplicatesAnswer, type DuplicatesRequest, duplicates } from './duplicates.ts'
import {
  CALIBRATION_DOCUMENT,
  type Calibration,
  judged,
  type KnownCalibration,
} from './identities/calibration.ts'
import { type IdentifyAnswer, type IdentifyRequest, identify } from './identities/identify.ts'
import {
  decideObservation,
  type ObserveAnswer,
  type ObserveRequest,
  observedIds,
  observedMetadata,
} from './identities/observe.ts'
import { identityFieldOf } from './identities/subject-views.ts'
import { type VerifyAnswer, type VerifyRequest, verify } from './identities/verify.ts'
import { PairQueries } from './pairs/pair-queries.ts'
import type { SearchParts } from './query-vector.ts'
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
import type { WorkLimits } from './work-limits.ts'

interface Parts {
  readonly engine: EngineCollection
  readonly capabilities: EngineCapabilities
  readonly embeddings: CollectionModels
  readonly clock: Clock
  readonly limits: WorkLimits
}

/**
 * The use cases of one collection. Calls throw AppErrors: COLLECTION_WITHOUT_MODEL for images in a collection of
 * vectors, RECORD_NOT_FOUND for unknown ids, and what decoder, embedder and engine throw.
 */
export class Collection {
  readonly engine: EngineCollection
  /** Writes, and knows which generations new images are embedded for. */
  readonly writer: RecordWriter
  readonly pairs: PairQueries
  readonly #parts: Parts
  /** As it is kept; null before it is first wanted. */
  #calibration: Promise<Calibration | null> | null = null

  constructor(parts: Parts) {
    this.engine = parts.engine
    this.writer = new RecordWriter(parts.engine, parts.embeddings)
    this.pairs = new PairQueries(parts)
    this.#parts = parts
  }

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

  /** Adds images, each of which succeeds or fails by itself. @throws DUPLICATE_ID when an id comes twice. */
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

  /** Checks all vectors before the first is stored. @throws DUPLICATE_ID, DIMENSION_MISMATCH, INVALID_VECTOR, … */
  addVectors(inputs: readonly VectorInput[]): Promise<readonly AddResult[]> {
    return this.writer.addVectors(inputs)
  }

  async record(id: string, options: { vector: boolean }): Promise<StoredRecord> {
    const record = await this.engine.get(id, options)
    if (record === null) throw this.#unknown(id)
    return record
  }

  /** Gives the kept original or thumbnail. @throws CONTENT_NOT_FOUND where nothing was kept. */
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

  /** Resolves to the number of records deleted; unknown ids are no error. What was deleted before a stop stays deleted. */
  deleteMany(
    which: { ids: readonly string[] } | { filter: Filter },
    { signal }: CallOptions = {},
  ): Promise<number> {
    return this.writer.delete(which, signal)
  }

  async page(
    {
      cursor,
      ...options
    }: Omit<ScrollOptions, 'after' | 'searchable'> & { readonly cursor: string | null },
    { signal }: CallOptions = {},
  ): Promise<RecordPage> {
    const after = cursor === null ? null : readPageCursor(cursor)
    const wanted = { ...options, after, limit: options.limit + 1, searchable: false }
    const found = await this.engine.scroll(wanted, signal)
    const records = found.slice(0, options.limit)
    const last = records.at(-1)
    const more = found.length > records.length && last !== undefined
    return { records, cursor: more ? writePageCursor(last.id) : null }
  }

  async search(request: SearchRequest, { signal }: CallOptions = {}): Promise<SearchAnswer> {
    const { accuracies, exactIndexes } = this.#parts.capabilities
    checkCapability('accuracy', request.accuracy, accuracies)
    checkCapability('exactIndex', request.exactIndex, exactIndexes)
    return await this.#pinned((parts) => search(request, parts, signal))
  }

  /**
   * Finds the identities whose records, as a set, are nearest to those searched by.
   * @throws COLLECTION_WITHOUT_IDENTITIES, IDENTITY_NOT_FOUND, IDENTITY_TOO_LARGE.
   */
  async searchIdentities(
    request: IdentitySearchRequest,
    { signal }: CallOptions = {},
  ): Promise<IdentitySearchAnswer> {
    checkAbility('identities', this.#parts.capabilities.identities)
    return await this.#pinned((parts) => searchIdentities(request, parts, signal))
  }

  /** Says who a subject is, or that it is nobody who is stored. @throws as `identify`. */
  async identify(request: IdentifyRequest, { signal }: CallOptions = {}): Promise<IdentifyAnswer> {
    checkAbility('identities', this.#parts.capabilities.identities)
    return await this.#pinned(async (parts) =>
      identify(request, parts, await this.#calibrationOf(parts.generation), signal),
    )
  }

  /** Says whether two subjects are the same. @throws as `verify`. */
  async verify(request: VerifyRequest, { signal }: CallOptions = {}): Promise<VerifyAnswer> {
    return await this.#pinned(async (parts) =>
      verify(request, parts, await this.#calibrationOf(parts.generation), signal),
    )
  }

  /**
   * Finds the identity of what was seen, or makes one, and stores it, in one step: two observations of the same newcomer make
   * one identity. @throws as `decideObservation`, and as adding images does.
   */
  async observe(request: ObserveRequest, { signal }: CallOptions = {}): Promise<ObserveAnswer> {
    checkAbility('identities', this.#parts.capabilities.identities)
    const metadata = observedMetadata(request, this.spec)
    const ids = observedIds(request)
    const inputs = request.views.map(({ kind: _, ...view }, i) => ({
      id: ids[i]!,
      ...view,
      metadata,
    }))
    const field = identityFieldOf(this.spec)
    const { answer } = await this.writer.addDecided(
      inputs,
      async (records) => {
        const answer = await this.#pinned(async (parts) =>
          decideObservation(records, request, parts, await this.#calibrationOf(parts.generation)),
        )
        // What was stored before may have been edited since.
        const write = answer.by === 'repeat' ? 'missing' : 'all'
        return { answer, metadata: parseMetadata({ ...metadata, [field]: answer.identity }), write }
      },
      signal,
    )
    return answer
  }

  /** Gives what labelled records said about the distances, and whether that holds for the active vectors. */
  async calibration(): Promise<KnownCalibration> {
    return await this.#pinned(({ generation }) => this.#calibrationOf(generation))
  }

  async keepCalibration(calibration: Calibration): Promise<void> {
    await this.engine.keepDocument(CALIBRATION_DOCUMENT, calibration)
    this.#calibration = Promise.resolve(calibration)
  }

  /** Describes the distances of the collection by a sample. */
  async statistics(
    request: Omit<StatisticsRequest, 'records'>,
    { signal }: CallOptions = {},
  ): Promise<CollectionStatistics> {
    const { capabilities, limits } = this.#parts
    checkAbility('statistics', capabilities.statistics)
    const wanted = { ...request, records: limits.statisticsRecords }
    return await this.#pinned(({ generation }) => generation.statistics(wanted, signal))
  }

  /** Finds groups of records that are the same image, or similar. @throws INVALID_REQUEST, INVALID_CURSOR. */
  async duplicates(
    request: DuplicatesRequest,
    { signal }: CallOptions = {},
  ): Promise<DuplicatesAnswer> {
    const { capabilities, limits, clock } = this.#parts
    if (request.by === 'fingerprint') checkAbility('fingerprints', capabilities.fingerprints)
    const cost = { neighbourhoods: limits.neighbourhoods, ms: limits.deadlineMs / 2, clock }
    return await this.#pinned(({ generation }) =>
      duplicates(request, this.engine, generation, cost, signal),
    )
  }

  /** Runs `work` on the active generation, which stays searchable until the work is done. */
  async #pinned<T>(work: (parts: SearchParts) => Promise<T>): Promise<T> {
    const { embeddings, clock } = this.#parts
    const { generation, release } = this.engine.pin()
    try {
      return await work({ generation, records: this.engine, embeddings, clock })
    } finally {
      release()
    }
  }

  async #calibrationOf(generation: PinnedGeneration): Promise<KnownCalibration> {
    this.#calibration ??= this.engine
      .document(CALIBRATION_DOCUMENT)
      .then((document) => document as Calibration | null)
    try {
      return judged(await this.#calibration, generation)
    } catch (error) {
      this.#calibration = null
      throw error
    }
  }

  #unknown(id: string): AppError {
    const message = `no record ${shown(id)} in collection ${this.spec.name}`
    return new AppError('RECORD_NOT_FOUND', message)
  }
}
