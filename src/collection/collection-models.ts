import type { Embedder } from '../embedding/embedder.ts'
import type {
  EmbeddedImage,
  EmbedImageOptions,
  ImageEmbedder,
} from '../embedding/image-embedder.ts'
import type { Models } from '../embedding/models.ts'
import type { CollectionSpec } from '../engine/collection-spec.ts'
import { AppError } from '../errors.ts'
import { toStoredVector } from '../vector/stored-vector.ts'

/** The images of one request that are embedded at once: enough to fill batches, not to fill the queue. */
export const IMAGES_AT_ONCE = 16
/** The images of one job on their way at a time: few enough that searches get their turn between them. */
export const JOB_IMAGES_AT_ONCE = 8

/** Embeds the images of collections, each by the model of its collection. */
export class CollectionModels {
  readonly #models: Models
  readonly #images: ImageEmbedder

  constructor(models: Models, images: ImageEmbedder) {
    this.#models = models
    this.#images = images
  }

  /** @throws COLLECTION_WITHOUT_MODEL for a collection of vectors only; MODEL_NOT_FOUND, MODEL_INVALID. */
  async load(spec: CollectionSpec): Promise<Embedder> {
    return await this.#models.load(modelOf(spec))
  }

  /** @returns the vector as the collection stores it. @throws what `load` and ImageEmbedder.embed throw. */
  async embed(
    bytes: Uint8Array,
    spec: CollectionSpec,
    options: EmbedImageOptions,
    signal?: AbortSignal,
  ): Promise<EmbeddedImage> {
    const embedder = await this.load(spec)
    const embedded = await this.#images.embed(bytes, embedder, options, signal)
    const vector = toStoredVector(embedded.vector, embedder.dimensions, spec.metric)
    return { ...embedded, vector }
  }
}

/** @throws COLLECTION_WITHOUT_MODEL for a collection of vectors only. */
export function modelOf({ name, model, dimensions }: CollectionSpec): string {
  if (model !== null) return model
  throw new AppError(
    'COLLECTION_WITHOUT_MODEL',
    `collection ${name} has no model: give vectors of ${dimensions} numbers, not images`,
  )
}
