import { type CollectionSpec, checkDistinct } from '../engine/collection-spec.ts'
import { readPageCursor, writePageCursor } from '../engine/cursor.ts'
import type { Gallery } from '../engine/embedded/gallery.ts'
import type { LoadedGeneration } from '../engine/embedded/loaded-generation.ts'
import type { MeasuredRecall } from '../engine/embedded/search/live-recall.ts'
import { statistics } from '../engine/embedded/statistics.ts'
import type {
  KeptContent,
  RecordStore,
  StoredRecord,
} from '../engine/embedded/store/record-store.ts'
import type { Filter } from '../engine/filter.ts'
import { type Metadata, parseMetadata } from '../engine/metadata.ts'
import type { CollectionStatistics, StatisticsRequest } from '../engine/statistics.ts'
import { AppError, shown } from '../errors.ts'
import { mapBounded } from '../scheduling/map-bounded.ts'
import { type DuplicatesAnswer, type DuplicatesRequest, duplicates } from './duplicates.ts'
import type { Clock } from './image-embedding.ts'
import { RecordWriter } from './record-writer.ts'
import { type SearchParts, search } from './search.ts'
import {
  type IdentitySearchAnswer,
  type IdentitySearchRequest,
  searchIdentities,
} from './search-identities.ts'
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

interface Parts {
  readonly store: RecordStore
  readonly clock: Clock
}

/** Images of one request that are embedded at once: enough to fill batches, not to fill the queue. */
const IMAGES_AT_ONCE = 16
/** Keys deleted in one commit. */
const KEYS_AT_ONCE = 128
/** Records looked up at once that no search would find. */
const LOOKUPS_AT_ONCE = 16

export class Collection implements CollectionUseCases {
  /** Writes, and says which generation is in force. */
  readonly writer: RecordWriter
  readonly #parts: Parts
  readonly #key: number

  constructor(generation: LoadedGeneration, parts: Parts) {
    this.writer = new RecordWriter(parts.store, generation)
    this.#parts = parts
    this.#key = generation.stored.key
  }

  /** As created, but for model and dimensions: those in force. */
  get spec(): CollectionSpec {
    return this.writer.now.stored.spec
  }

  /** As the store knows it. */
  get key(): number {
    return this.#key
  }

  get count(): number {
    return this.#gallery.count
  }

  async status(): Promise<CollectionStatus> {
    const { stored, gallery } = this.writer.now
    return {
      ...stored.spec,
      count: gallery.count,
      bytes: { disk: await this.#parts.store.bytes(this.#key), memory: gallery.memoryBytes },
      plan: gallery.plan,
      graph: gallery.graph,
      recall: gallery.recall,
      createdAt: stored.createdAt,
    }
  }

  /** See Gallery. */
  measureRecall(): Promise<boolean> {
    return this.writer.use(({ gallery }) => gallery.measureRecall())
  }

  get recall(): readonly MeasuredRecall[] {
    return this.#gallery.recall
  }

  addImage(input: ImageInput, options: { signal?: AbortSignal } = {}): Promise<AddResult> {
    return this.writer.addImage(input, options.signal)
  }

  async addImages(
    inputs: readonly ImageInput[],
    options: { signal?: AbortSignal } = {},
  ): Promise<readonly AddOutcome[]> {
    checkDistinct(inputs)
    await this.writer.now.imageEmbedding()
    return mapBounded(inputs, IMAGES_AT_ONCE, async (input): Promise<AddOutcome> => {
      try {
        return await this.addImage(input, options)
      } catch (error) {
        return { id: input.id, status: 'failed', error }
      }
    })
  }

  addVectors(inputs: readonly VectorInput[]): Promise<readonly AddResult[]> {
    return this.writer.addVectors(inputs)
  }

  async record(id: string, options: { vector: boolean }): Promise<RecordView> {
    const record = await this.#parts.store.record(this.#key, id)
    if (record === null) throw this.#unknown(id)
    return this.#view(record, options.vector)
  }

  async content(id: string): Promise<KeptContent> {
    const content = await this.#parts.store.content(this.#key, id)
    if (content !== null) return content
    if (!(await this.#isThere(id))) throw this.#unknown(id)
    throw new AppError(
      'CONTENT_NOT_FOUND',
      `nothing was kept of ${shown(id)}: the collection keeps ${shown(this.spec.keep)}`,
    )
  }

  async patchMetadata(id: string, patch: Metadata): Promise<RecordView> {
    const checked = parseMetadata(patch)
    const record = await this.#parts.store.patchMetadata(this.#key, id, checked)
    if (record === null) throw this.#unknown(id)
    this.writer.now.identities.changed(record)
    return this.#view(record, false)
  }

  async delete(id: string): Promise<void> {
    if ((await this.deleteMany({ ids: [id] })) === 0) throw this.#unknown(id)
  }

  async deleteMany(which: { ids: readonly string[] } | { filter: Filter }): Promise<number> {
    const keys = 'ids' in which ? await this.#keysOf(which.ids) : await this.#matching(which.filter)
    let deleted = 0
    for (let i = 0; i < keys.length; i += KEYS_AT_ONCE) {
      deleted += await this.writer.deleteKeys([...keys.slice(i, i + KEYS_AT_ONCE)])
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
    const found = await this.#parts.store.page(this.#key, {
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
    const { clock, store } = this.#parts
    return this.writer.use((now) => {
      const parts: SearchParts = {
        ...{ spec: now.stored.spec, generation: now.stored.generation },
        ...{ gallery: now.gallery, clock },
        embedding: () => now.imageEmbedding(),
        matching: (filter) => this.#matching(filter),
        recordsByKey: (keys) => store.recordsByKey(this.#key, keys),
      }
      return search(request, parts, options.signal)
    })
  }

  searchIdentities(
    request: IdentitySearchRequest,
    options: { signal?: AbortSignal } = {},
  ): Promise<IdentitySearchAnswer> {
    const { clock } = this.#parts
    return this.writer.use((now) => {
      const { gallery, identities } = now
      const embedding = () => now.imageEmbedding()
      const parts = { spec: now.stored.spec, gallery, identities, clock, embedding }
      return searchIdentities(request, parts, options.signal)
    })
  }

  statistics(
    request: StatisticsRequest,
    options: { signal?: AbortSignal } = {},
  ): Promise<CollectionStatistics> {
    return this.writer.use(({ stored: { spec }, gallery }) =>
      statistics(request, { spec, gallery }, options.signal),
    )
  }

  duplicates(
    request: DuplicatesRequest,
    options: { signal?: AbortSignal } = {},
  ): Promise<DuplicatesAnswer> {
    const idsAfter = async (after: string | null, limit: number) => {
      const options = { after, limit, filter: null }
      const records = await this.#parts.store.page(this.#key, options)
      await this.writer.settled()
      return records.map(({ id }) => id)
    }
    return this.writer.use(({ stored: { spec, generation }, gallery }) =>
      duplicates(request, { spec, generation, gallery, idsAfter }, options.signal),
    )
  }

  contentHashes(ids: readonly string[]): Promise<readonly (string | null)[]> {
    return this.#parts.store.contentHashes(this.#key, ids)
  }

  /** Frees the memory. The truth is untouched. */
  async release(): Promise<void> {
    await this.writer.now.release()
  }

  get #gallery(): Gallery {
    return this.writer.now.gallery
  }

  async #isThere(id: string): Promise<boolean> {
    return (await this.#keysOf([id])).length > 0
  }

  /** Of those that are there. */
  async #keysOf(ids: readonly string[]): Promise<readonly number[]> {
    const keys = await mapBounded(ids, LOOKUPS_AT_ONCE, async (id) => {
      const key = this.#gallery.keyOf(id)
      // Only a generation that was made of another can lack vectors of records that are there.
      if (key !== null || this.writer.now.stored.generation === 0) return key
      return (await this.#parts.store.record(this.#key, id))?.key ?? null
    })
    return keys.filter((key) => key !== null)
  }

  /** The store may know versions whose commit was not yet announced here: waits for those. */
  async #matching(filter: Filter): Promise<Float64Array> {
    const keys = await this.#parts.store.matching(this.#key, filter)
    await this.writer.settled()
    return keys
  }

  async #view(record: StoredRecord, withVector: boolean): Promise<RecordView> {
    const { id, metadata, image, hasContent, updatedAt } = record
    const vector = withVector ? await this.writer.use(({ gallery }) => gallery.vector(id)) : null
    return { id, metadata, image, hasContent, updatedAt, ...(vector !== null && { vector }) }
  }

  #unknown(id: string): AppError {
    return new AppError(
      'RECORD_NOT_FOUND',
      `no record ${shown(id)} in collection ${this.spec.name}`,
    )
  }
}
