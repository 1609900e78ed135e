import type { Models } from '../embedding/models.ts'
import {
  type CollectionSpec,
  checkCollectionName,
  compareIds,
  DEFAULT_LATENCY_BUDGET_MS,
  DEFAULT_RECALL_TARGET,
  MAX_DIMENSIONS,
} from '../engine/collection-spec.ts'
import type { Gallery } from '../engine/embedded/gallery.ts'
import { Identities } from '../engine/embedded/identities/identities.ts'
import { EVERYTHING, LoadedGeneration } from '../engine/embedded/loaded-generation.ts'
import type { MeasuredRecall } from '../engine/embedded/search/live-recall.ts'
import type { RecordStore, StoredCollection } from '../engine/embedded/store/record-store.ts'
import { AppError, shown } from '../errors.ts'
import type { ImageDecoder } from '../image/image-decoder.ts'
import type { RightOfWay } from '../scheduling/right-of-way.ts'
import { Collection } from './collection.ts'
import { type Clock, ImageEmbedding } from './image-embedding.ts'
import type { CollectionStatus, CollectionsUseCases, CreateCollection } from './service.ts'

interface Parts {
  readonly store: RecordStore
  readonly models: Models
  readonly decoder: ImageDecoder
  readonly rightOfWay: RightOfWay
  readonly gallery: (collection: StoredCollection) => Gallery
  readonly clock: Clock
}

type State =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly collection: Collection }
  | { readonly kind: 'failed'; readonly cause: unknown }

/** The collections of one store, loaded into galleries. */
export class Collections implements CollectionsUseCases {
  readonly #parts: Parts
  readonly #states = new Map<string, State>()
  /** Creating and dropping take turns, so that a name means one thing at a time. */
  #turn: Promise<unknown> = Promise.resolve()
  /** Collections that were asked to measure: each has its turn. */
  #measured = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Loads what the store holds, one collection after the other; the first failure is thrown at the end. */
  async load(): Promise<void> {
    const stored = await this.#parts.store.collections()
    for (const { spec } of stored) this.#states.set(spec.name, { kind: 'loading' })
    const failures: unknown[] = []
    for (const collection of stored) {
      try {
        const ready = await this.#loaded(collection)
        this.#states.set(collection.spec.name, { kind: 'ready', collection: ready })
      } catch (cause) {
        this.#states.set(collection.spec.name, { kind: 'failed', cause })
        failures.push(cause)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  /** Collections, loaded or not. */
  get collectionCount(): number {
    return this.#states.size
  }

  /** Records in all collections that are loaded. */
  get recordCount(): number {
    let count = 0
    for (const state of this.#states.values()) {
      if (state.kind === 'ready') count += state.collection.count
    }
    return count
  }

  /** Of every collection that is loaded, what is measured of its approximate answers. */
  get recall(): readonly MeasuredRecall[] {
    return this.#loadedOnes().flatMap(({ recall }) => recall)
  }

  /** Measures once more, in the collection whose turn it is; false when none has a query to measure with. */
  async measureRecall(): Promise<boolean> {
    const ready = this.#loadedOnes()
    for (let i = 0; i < ready.length; i++) {
      if (await ready[this.#measured++ % ready.length]!.measureRecall()) return true
    }
    return false
  }

  create(request: CreateCollection): Promise<{ created: boolean; status: CollectionStatus }> {
    return this.#inTurn(async () => {
      const spec = await this.#specOf(request)
      if (this.#states.has(spec.name)) {
        const existing = this.#ready(spec.name)
        const different = differences(existing.spec, spec)
        if (different.length > 0) {
          throw new AppError(
            'COLLECTION_DIFFERS',
            `collection ${spec.name} exists with ${different.join(', ')}`,
          )
        }
        return { created: false, status: await existing.status() }
      }
      const stored = await this.#parts.store.createCollection(spec)
      const generation = this.open(stored)
      await generation.gallery.filled()
      const collection = new Collection(generation, this.#parts)
      this.#states.set(spec.name, { kind: 'ready', collection })
      return { created: true, status: await collection.status() }
    })
  }

  async list(): Promise<readonly CollectionStatus[]> {
    const names = [...this.#states.keys()].sort(compareIds)
    return Promise.all(names.map((name) => this.#ready(name).status()))
  }

  get(name: string): Collection {
    return this.#ready(name)
  }

  drop(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const collection = this.#ready(name)
      await this.#parts.store.dropCollection(collection.key)
      this.#states.delete(name)
      void collection.release()
    })
  }

  /** A generation of a collection, empty. */
  open(stored: StoredCollection): LoadedGeneration {
    const { store, models, decoder, clock, rightOfWay } = this.#parts
    const { model, metric } = stored.spec
    const embedding =
      model === null
        ? null
        : async () => {
            const embedder = await models.load(model)
            return new ImageEmbedding({ decoder, embedder, metric, clock, rightOfWay })
          }
    const gallery = this.#parts.gallery(stored)
    const identities = new Identities({
      spec: stored.spec,
      gallery,
      page: (options) => store.page(stored.key, options),
    })
    return new LoadedGeneration(stored, gallery, identities, embedding)
  }

  #loadedOnes(): readonly Collection[] {
    return [...this.#states.values()].flatMap((state) => {
      return state.kind === 'ready' ? [state.collection] : []
    })
  }

  #ready(name: string): Collection {
    const state = this.#states.get(name)
    switch (state?.kind) {
      case 'ready':
        return state.collection
      case 'loading':
        throw new AppError('NOT_READY', `collection ${name} is still loading`, {
          retryAfterSeconds: 2,
        })
      case 'failed':
        throw new AppError('STORE_FAILED', `collection ${name} could not be loaded`, {
          cause: state.cause,
        })
      case undefined:
        throw new AppError('COLLECTION_NOT_FOUND', `no collection ${shown(name)}`)
    }
  }

  async #loaded(stored: StoredCollection): Promise<Collection> {
    const { store } = this.#parts
    const generation = this.open(stored)
    generation.gallery.beginFilling(await store.generations.records(stored.key))
    await generation.fill(store, EVERYTHING)
    await generation.gallery.filled()
    return new Collection(generation, this.#parts)
  }

  async #specOf(request: CreateCollection): Promise<CollectionSpec> {
    const name = checkCollectionName(request.name)
    const { dimensions, metric } = request
    const rest = {
      name,
      metric: metric ?? 'cosine',
      fields: [...(request.fields ?? [])].sort(compareIds),
      identityField: request.identityField ?? null,
      cameraField: request.cameraField ?? null,
      keep: request.keep ?? 'none',
      latencyBudgetMs: request.latencyBudgetMs ?? DEFAULT_LATENCY_BUDGET_MS,
      recallTarget: request.recallTarget ?? DEFAULT_RECALL_TARGET,
      memory: request.memory ?? 'float32',
    }
    if (request.model === undefined && dimensions !== undefined) {
      if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS) {
        throw new AppError(
          'INVALID_REQUEST',
          `expected dimensions from 1 to ${MAX_DIMENSIONS}, got ${dimensions}`,
        )
      }
      return { ...rest, model: null, dimensions }
    }
    const embedder = await this.#parts.models.load(request.model ?? this.#parts.models.defaultName)
    if (dimensions !== undefined && dimensions !== embedder.dimensions) {
      throw new AppError(
        'DIMENSION_MISMATCH',
        `model ${embedder.model} makes ${embedder.dimensions} numbers, got dimensions ${dimensions}`,
      )
    }
    return { ...rest, model: embedder.model, dimensions: embedder.dimensions }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }
}

function differences(existing: CollectionSpec, wanted: CollectionSpec): string[] {
  const members = Object.keys(wanted) as (keyof CollectionSpec)[]
  return members
    .filter((member) => JSON.stringify(existing[member]) !== JSON.stringify(wanted[member]))
    .map((m) => `${m} ${JSON.stringify(existing[m])}, not ${JSON.stringify(wanted[m])}`)
}
