import type { CollectionSpec } from '../engine/collection-spec.ts'
import { checkDistinct } from '../engine/collection-spec.ts'
import { readPageCursor, writePageCursor } from '../engine/cursor.ts'
import type { EngineCapabilities, EngineCollection, ScrollOptions } from '../engine/engine.ts'
import type { Filter } from '../engine/filter.ts'
import type { MapAnswer, MapQuery } from '../engine/map.ts'
import { type Metadata, parseMetadata } from '../engine/metadata.ts'
import type { SelectAnswer, SelectQuery } from '../engine/query.ts'
import type { KeptContent, StoredRecord } from '../engine/record.ts'
import type { CollectionStatistics, StatisticsRequest } from '../engine/statistics.ts'
import { AppError, shown } from '../errors.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import type { Clock } from '../scheduling/timers.ts'
import { checkAbility, checkCapability } from './capabilities.ts'
import { type CollectionModels, IMAGES_AT_ONCE } from './collection-models.ts'
import { type CountAnswer, type CountRequest, countRecords } from './count-records.ts'
import { type DuplicatesAnswer, type DuplicatesRequest, duplicates } from './duplicates.ts'
import { type FacetsAnswer, type FacetsRequest, facets } from './facets.ts'
import { CollectionIdentities } from './identities/collection-identities.ts'
import type { PictureFeatures } from './identities/erase-identity.ts'
import type { IdentityMeasures } from './identities/identity-measures.ts'
import { LAYOUT_DOCUMENT, onLayout, validLayout } from './maps/kept-layout.ts'
import type { WalkCost } from './neighbour-groups.ts'
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
import type { Reranking } from './rerank/rerank.ts'
import { search } from './search.ts'
import type { WorkLimits } from './work-limits.ts'

export const MAP_METHODS = ['pca', 'umap'] as const

/** Where records lie on a map, and by which vectors. */
interface CollectionMap extends MapAnswer {
  /** When they were laid out, ISO 8601, UTC; null for the plane, which is of now. */
  readonly madeAt: string | null
  readonly generation: number
  readonly model: string | null
}

interface Parts {
  readonly engine: EngineCollection
  readonly capabilities: EngineCapabilities
  readonly embeddings: CollectionModels
  readonly reranking: Reranking
  readonly features: PictureFeatures
  readonly now: () => Date
  readonly clock: Clock
  readonly measures: Pick<IdentityMeasures, 'cluster'>
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
  readonly identities: CollectionIdentities
  readonly pairs: PairQueries
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.engine = parts.engine
    this.writer = new RecordWriter(parts.engine, parts.embeddings, parts.now)
    const pinned = <T>(work: (searched: SearchParts) => Promise<T>) => this.#pinned(work)
    this.identities = new CollectionIdentities({
      ...parts,
      writer: this.writer,
      pinned,
      cost: walkCost(parts),
    })
    this.pairs = new PairQueries({ ...parts, pinned })
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

  /** Counts the records within a radius, under a filter, or both. */
  countRecords(request: CountRequest, { signal }: CallOptions = {}): Promise<CountAnswer> {
    return this.#pinned((parts) => countRecords(request, parts, signal))
  }

  /** Counts records by the values of some fields. */
  facets(request: FacetsRequest, { signal }: CallOptions = {}): Promise<FacetsAnswer> {
    return this.#pinned((parts) => facets(request, parts, signal))
  }

  /** Chooses records that stand for all, or that stand out. */
  select(query: SelectQuery, { signal }: CallOptions = {}): Promise<SelectAnswer> {
    return this.#pinned(({ generation }) => generation.select(query, signal))
  }

  /**
   * Places records in two dimensions, for a look at all of them: on their plane, or as they were laid out last.
   * @throws MAP_NOT_FOUND, MAP_OUTDATED.
   */
  map(
    { method, ...query }: MapQuery & { readonly method: (typeof MAP_METHODS)[number] },
    { signal }: CallOptions = {},
  ): Promise<CollectionMap> {
    return this.#pinned(async ({ generation: pinned }) => {
      const { generation } = pinned
      const { model, name } = pinned.spec
      const document = method === 'umap' && (await this.engine.document(LAYOUT_DOCUMENT))
      const layout = document === false ? null : validLayout(document, name, { generation, model })
      const answer = await pinned.map(query, signal)
      const whole = { ...answer, madeAt: layout?.madeAt ?? null, generation, model }
      return layout === null ? whole : onLayout(whole, layout)
    })
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
    const { fingerprints } = this.#parts.capabilities
    if (request.by === 'fingerprint') checkAbility('fingerprints', fingerprints)
    const cost = walkCost(this.#parts)
    return await this.#pinned(({ generation }) =>
      duplicates(request, this.engine, generation, cost, signal),
    )
  }

  /** Runs `work` on the active generation, which stays searchable until the work is done. */
  async #pinned<T>(work: (parts: SearchParts) => Promise<T>): Promise<T> {
    const { embeddings, reranking, clock } = this.#parts
    const { generation, release } = this.engine.pin()
    try {
      return await work({ generation, records: this.engine, embeddings, reranking, clock })
    } finally {
      release()
    }
  }

  #unknown(id: string): AppError {
    const message = `no record ${shown(id)} in collection ${this.spec.name}`
    return new AppError('RECORD_NOT_FOUND', message)
  }
}

function walkCost({ limits, clock }: Pick<Parts, 'limits' | 'clock'>): WalkCost {
  return { neighbourhoods: limits.neighbourhoods, ms: limits.deadlineMs / 2, clock }
}
