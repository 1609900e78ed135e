import { AppError, shown } from '../errors.ts'
import { toStoredVector } from '../vector/stored-vector.ts'
import type { CollectionStatistics, StatisticsRequest } from './collection-statistics.ts'
import { readPageCursor, writePageCursor } from './cursor.ts'
import { type DuplicatesAnswer, type DuplicatesRequest, duplicates } from './duplicates.ts'
import type { Filter } from './filter.ts'
import type { Gallery } from './gallery.ts'
import type { Clock, ImageEmbedding } from './image-embedding.ts'
import { factsOf, keptOf } from './image-facts.ts'
import type { MeasuredRecall } from './live-recall.ts'
import { mapBounded } from './map-bounded.ts'
import { type Metadata, parseMetadata } from './metadata.ts'
import type {
  KeptContent,
  NewRecord,
  RecordStore,
  StoredCollection,
  StoredRecord,
} from './record-store.ts'
import { type SearchParts, search } from './search.ts'
import type {
  AddOutcome,
  AddResult,
  CollectionStatus,
  CollectionUseCases,
  ImageInput,
  RecordPage,
  RecordView,
  SearchAnswer,
  SearchRequest,
  VectorInput,
} from './service.ts'
import { type CollectionSpec, checkDistinct, checkId } from './spec.ts'
import { statistics } from './statistics.ts'
import { Writes } from './writes.ts'

interface Parts {
  readonly store: RecordStore
  readonly gallery: Gallery
  /** Null for a collection of vectors only. */
  readonly embedding: (() => Promise<ImageEmbedding>) | null
  readonly clock: Clock
}

/** Images of one request that are embedded at once: enough to fill batches, not to fill the queue. */
const IMAGES_AT_ONCE = 16
/** Records of one request that are stored at once, and keys deleted in one commit. */
const RECORDS_AT_ONCE = 128

/** Vector components checked before other work gets its turn: about 1 ms. */
const COMPONENTS_A_TURN = 100_000

export class Collection implements CollectionUseCases {
  readonly spec: CollectionSpec
  readonly #stored: StoredCollection
  readonly #parts: Parts
  readonly #writes = new Writes()

  constructor(stored: StoredCollection, parts: Parts) {
    this.spec = stored.spec
    this.#stored = stored
    this.#parts = parts
  }

  /** As the store knows it. */
  get key(): number {
    return this.#stored.key
  }

  get count(): number {
    return this.#parts.gallery.count
  }

  async status(): Promise<CollectionStatus> {
    const { store, gallery } = this.#parts
    return {
      ...this.spec,
      count: gallery.count,
      bytes: { disk: await store.bytes(this.#stored.key), memory: gallery.memoryBytes },
      plan: gallery.plan,
      graph: gallery.graph,
      recall: gallery.recall,
      createdAt: this.#stored.createdAt,
    }
  }

  /** See Gallery. */
  measureRecall(): Promise<boolean> {
    return this.#parts.gallery.measureRecall()
  }

  get recall(): readonly MeasuredRecall[] {
    return this.#parts.gallery.recall
  }

  async addImage(input: ImageInput, options: { signal?: AbortSignal } = {}): Promise<AddResult> {
    const id = checkId(input.id)
    const metadata = parseMetadata(input.metadata)
    const embedding = await this.#embedding()
    const thumbnail = this.spec.keep === 'thumbnail'
    const how = { thumbnail, fingerprint: true, priority: 'bulk' } as const
    const embedded = await embedding.embed(input.bytes, how, options.signal)
    // Past here the write is on its way: a client that hangs up cannot call it back.
    options.signal?.throwIfAborted()
    return this.#put({
      id,
      vector: embedded.vector,
      metadata,
      image: factsOf(input.bytes, embedded),
      content: keptOf(input.bytes, embedded, this.spec.keep),
    })
  }

  async addImages(
    inputs: readonly ImageInput[],
    options: { signal?: AbortSignal } = {},
  ): Promise<readonly AddOutcome[]> {
    checkDistinct(inputs)
    await this.#embedding()
    return mapBounded(inputs, IMAGES_AT_ONCE, async (input): Promise<AddOutcome> => {
      try {
        return await this.addImage(input, options)
      } catch (error) {
        return { id: input.id, status: 'failed', error }
      }
    })
  }

  async addVectors(inputs: readonly VectorInput[]): Promise<readonly AddResult[]> {
    checkDistinct(inputs)
    const records: NewRecord[] = []
    let turn = 0
    for (const input of inputs) {
      // Thousands of vectors in one go would hold up everybody else.
      turn += this.spec.dimensions
      if (turn > COMPONENTS_A_TURN) {
        turn = 0
        await new Promise(setImmediate)
      }
      records.push(this.#vectorRecord(input))
    }
    return mapBounded(records, RECORDS_AT_ONCE, (record) => this.#put(record))
  }

  async record(id: string, options: { vector: boolean }): Promise<RecordView> {
    const record = await this.#parts.store.record(this.#stored.key, id)
    if (record === null) throw this.#unknown(id)
    return this.#view(record, options.vector)
  }

  async content(id: string): Promise<KeptContent> {
    const content = await this.#parts.store.content(this.#stored.key, id)
    if (content !== null) return content
    if (!this.#parts.gallery.has(id)) throw this.#unknown(id)
    throw new AppError(
      'CONTENT_NOT_FOUND',
      `nothing was kept of ${shown(id)}: the collection keeps ${shown(this.spec.keep)}`,
    )
  }

  async patchMetadata(id: string, patch: Metadata): Promise<RecordView> {
    const checked = parseMetadata(patch)
    const record = await this.#parts.store.patchMetadata(this.#stored.key, id, checked)
    if (record === null) throw this.#unknown(id)
    return this.#view(record, false)
  }

  async delete(id: string): Promise<void> {
    if ((await this.deleteMany({ ids: [id] })) === 0) throw this.#unknown(id)
  }

  async deleteMany(which: { ids: readonly string[] } | { filter: Filter }): Promise<number> {
    const keys =
      'ids' in which
        ? which.ids.map((id) => this.#parts.gallery.keyOf(id)).filter((key) => key !== null)
        : await this.#matching(which.filter)
    let deleted = 0
    for (let i = 0; i < keys.length; i += RECORDS_AT_ONCE) {
      deleted += await this.#deleteKeys([...keys.slice(i, i + RECORDS_AT_ONCE)])
    }
    return deleted
  }

  async page(options: {
    limit: number
    cursor: string | null
    filter: Filter | null
    vector: boolean
  }): Promise<RecordPage> {
    const { limit, cursor, filter, vector } = options
    const after = cursor === null ? null : readPageCursor(cursor)
    const found = await this.#parts.store.page(this.#stored.key, {
      after,
      limit: limit + 1,
      filter,
    })
    const records = found.slice(0, limit)
    const last = records.at(-1)
    return {
      records: await Promise.all(records.map((record) => this.#view(record, vector))),
      cursor: found.length > limit && last !== undefined ? writePageCursor(last.id) : null,
    }
  }

  search(request: SearchRequest, options: { signal?: AbortSignal } = {}): Promise<SearchAnswer> {
    const { gallery, clock, store } = this.#parts
    const parts: SearchParts = {
      spec: this.spec,
      gallery,
      clock,
      embedding: () => this.#embedding(),
      matching: (filter) => this.#matching(filter),
      recordsByKey: (keys) => store.recordsByKey(this.#stored.key, keys),
    }
    return search(request, parts, options.signal)
  }

  statistics(
    request: StatisticsRequest,
    options: { signal?: AbortSignal } = {},
  ): Promise<CollectionStatistics> {
    return statistics(request, { spec: this.spec, gallery: this.#parts.gallery }, options.signal)
  }

  duplicates(
    request: DuplicatesRequest,
    options: { signal?: AbortSignal } = {},
  ): Promise<DuplicatesAnswer> {
    const { store, gallery } = this.#parts
    const idsAfter = async (after: string | null, limit: number) => {
      const records = await store.page(this.#stored.key, { after, limit, filter: null })
      await this.#writes.settled()
      return records.map(({ id }) => id)
    }
    return duplicates(request, { spec: this.spec, gallery, idsAfter }, options.signal)
  }

  contentHashes(ids: readonly string[]): Promise<readonly (string | null)[]> {
    return this.#parts.store.contentHashes(this.#stored.key, ids)
  }

  /** Frees the memory. The truth is untouched. */
  release(): void {
    this.#parts.gallery.release()
  }

  async #embedding(): Promise<ImageEmbedding> {
    if (this.#parts.embedding === null) {
      throw new AppError(
        'COLLECTION_WITHOUT_MODEL',
        `collection ${this.spec.name} has no model: give vectors of ${this.spec.dimensions} numbers, not images`,
      )
    }
    return this.#parts.embedding()
  }

  #vectorRecord({ id, vector, metadata }: VectorInput): NewRecord {
    try {
      return {
        id: checkId(id),
        vector: toStoredVector(vector, this.spec.dimensions, this.spec.metric),
        metadata: parseMetadata(metadata),
        image: null,
        content: null,
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      throw new AppError(error.code, `record ${shown(id)}: ${error.message}`, { cause: error })
    }
  }

  #put(record: NewRecord): Promise<AddResult> {
    const { store, gallery } = this.#parts
    const commit = async (): Promise<AddResult> => {
      // What is committed must find its room: it cannot be taken back.
      await gallery.reserve(this.#writes.pending + 1)
      const { key, replacedKey } = await store.put(this.#stored.key, record)
      const { id, vector, image } = record
      gallery.put({ key, id, vector, fingerprint: image?.fingerprint ?? null, replacedKey })
      return { id, status: replacedKey === null ? 'added' : 'replaced' }
    }
    return this.#writes.track(commit())
  }

  #deleteKeys(keys: readonly number[]): Promise<number> {
    const write = this.#parts.store.deleteKeys(this.#stored.key, keys).then((deleted) => {
      this.#parts.gallery.delete(deleted)
      return deleted.length
    })
    return this.#writes.track(write)
  }

  /** The store may know versions whose commit was not yet announced here: waits for those. */
  async #matching(filter: Filter): Promise<Float64Array> {
    const keys = await this.#parts.store.matching(this.#stored.key, filter)
    await this.#writes.settled()
    return keys
  }

  async #view(record: StoredRecord, withVector: boolean): Promise<RecordView> {
    const { id, metadata, image, hasContent, updatedAt } = record
    const vector = withVector ? await this.#parts.gallery.vector(id) : null
    return { id, metadata, image, hasContent, updatedAt, ...(vector !== null && { vector }) }
  }

  #unknown(id: string): AppError {
    return new AppError(
      'RECORD_NOT_FOUND',
      `no record ${shown(id)} in collection ${this.spec.name}`,
    )
  }
}
