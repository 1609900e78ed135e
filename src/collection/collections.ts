import type { Models } from '../embedding/models.ts'
import {
  type CollectionSpec,
  checkCollectionName,
  compareIds,
  DEFAULT_LATENCY_BUDGET_MS,
  DEFAULT_RECALL_TARGET,
  type EnrolmentQuality,
  MAX_DIMENSIONS,
} from '../engine/collection-spec.ts'
import type { Engine, EngineCollection } from '../engine/engine.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../scheduling/timers.ts'
import { checkCapability } from './capabilities.ts'
import { Collection } from './collection.ts'
import type { CollectionModels } from './collection-models.ts'
import { checkQuality } from './enrolment.ts'
import type { PictureFeatures } from './identities/erase-identity.ts'
import type { IdentityMeasures } from './identities/identity-measures.ts'
import { checkCameraField } from './own-cameras.ts'
import type { CollectionStatus, CreateCollection } from './requests.ts'
import type { Reranking } from './rerank/rerank.ts'
import { DEFAULT_WORK_LIMITS, type WorkLimits } from './work-limits.ts'

interface Parts {
  readonly engine: Engine
  readonly models: Models
  readonly embeddings: CollectionModels
  readonly reranking: Reranking
  readonly features: PictureFeatures
  readonly now: () => Date
  readonly clock: Clock
  readonly measures: Pick<IdentityMeasures, 'cluster'>
  readonly limits?: WorkLimits
}

/** The use cases of all collections. */
export class Collections {
  readonly #parts: Parts
  readonly #known = new WeakMap<EngineCollection, Collection>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Creates a collection, unless an equal one is there: `created` is then false.
   * @throws COLLECTION_DIFFERS, TOO_MANY_COLLECTIONS, MODEL_NOT_FOUND, DIMENSION_MISMATCH, INVALID_NAME, INVALID_REQUEST.
   */
  async create(request: CreateCollection): Promise<{ created: boolean; status: CollectionStatus }> {
    const spec = await this.#specOf(request)
    const { created, collection } = await this.#parts.engine.create(spec)
    return { created, status: await this.#of(collection).status() }
  }

  async list(): Promise<readonly CollectionStatus[]> {
    return await Promise.all(this.#parts.engine.names.map((name) => this.get(name).status()))
  }

  /** @throws COLLECTION_NOT_FOUND; NOT_READY while it loads; STORE_FAILED when it could not be loaded. */
  get(name: string): Collection {
    return this.#of(this.#parts.engine.collection(name))
  }

  /** @throws as `get`. */
  drop(name: string): Promise<void> {
    return this.#parts.engine.drop(name)
  }

  /** Gives the same object for the same collection, as it knows what is written, and by which models. */
  #of(engine: EngineCollection): Collection {
    const known = this.#known.get(engine)
    if (known !== undefined) return known
    const { engine: _, models: __, limits = DEFAULT_WORK_LIMITS, ...parts } = this.#parts
    const { capabilities } = this.#parts.engine
    const collection = new Collection({ engine, capabilities, limits, ...parts })
    this.#known.set(engine, collection)
    return collection
  }

  /**
   * Gives the model of a collection that exists, so that a request which names none asks for no other after the default has
   * changed; null where there is no such collection, or it has no model. @throws as `get`.
   */
  #modelOf(name: string): Pick<CollectionSpec, 'model' | 'dimensions'> | null {
    const { engine } = this.#parts
    if (!engine.names.includes(name)) return null
    const { model, dimensions } = engine.collection(name).spec
    return model === null ? null : { model, dimensions }
  }

  async #specOf(request: CreateCollection): Promise<CollectionSpec> {
    const { models, engine } = this.#parts
    const { dimensions } = request
    const rest = {
      name: checkCollectionName(request.name),
      metric: request.metric ?? 'cosine',
      fields: [...(request.fields ?? [])].sort(compareIds),
      identityField: request.identityField ?? null,
      cameraField: request.cameraField ?? null,
      keep: request.keep ?? 'none',
      latencyBudgetMs: request.latencyBudgetMs ?? DEFAULT_LATENCY_BUDGET_MS,
      recallTarget: request.recallTarget ?? DEFAULT_RECALL_TARGET,
      memory: request.memory ?? 'float32',
      retainFor: request.retainFor ?? null,
      quality: inOrder(request.quality ?? null),
    }
    checkCameraField(rest.cameraField, rest.identityField)
    checkQuality(rest)
    checkCapability('memory', rest.memory, engine.capabilities.memories)
    if (request.model === undefined && dimensions !== undefined) {
      if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS) {
        const message = `expected dimensions from 1 to ${MAX_DIMENSIONS}, got ${dimensions}`
        throw new AppError('INVALID_REQUEST', message)
      }
      return { ...rest, model: null, dimensions }
    }
    const kept = request.model === undefined ? this.#modelOf(rest.name) : null
    if (kept !== null) return { ...rest, ...kept }
    const embedder = await models.load(request.model ?? models.defaultName)
    if (dimensions !== undefined && dimensions !== embedder.dimensions) {
      throw new AppError(
        'DIMENSION_MISMATCH',
        `model ${embedder.model} makes ${embedder.dimensions} numbers, got dimensions ${dimensions}`,
      )
    }
    return { ...rest, model: embedder.model, dimensions: embedder.dimensions }
  }
}

/** Gives the members in one order: two specs are the same whatever the order in which they are given. */
function inOrder(quality: CollectionSpec['quality']): CollectionSpec['quality'] {
  if (quality === null) return null
  return Object.fromEntries(
    Object.entries(quality).sort(([a], [b]) => compareIds(a, b)),
  ) as unknown as EnrolmentQuality
}
