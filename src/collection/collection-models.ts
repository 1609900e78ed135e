import type { ImageEmbedder } from '../embedding/image-embedder.ts'
import type { Models } from '../embedding/models.ts'
import type { CollectionSpec } from '../engine/collection-spec.ts'
import { AppError } from '../errors.ts'
import { ImageEmbedding } from './image-embedding.ts'

interface Parts {
  readonly models: Models
  readonly images: ImageEmbedder
}

/** What embeds the images of collections, each by its model. */
export class CollectionModels {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @throws COLLECTION_WITHOUT_MODEL for a collection of vectors only; MODEL_NOT_FOUND, MODEL_INVALID. */
  async of({ name, model, metric, dimensions }: CollectionSpec): Promise<ImageEmbedding> {
    if (model === null) {
      throw new AppError(
        'COLLECTION_WITHOUT_MODEL',
        `collection ${name} has no model: give vectors of ${dimensions} numbers, not images`,
      )
    }
    const { models, images } = this.#parts
    return new ImageEmbedding({ images, embedder: await models.load(model), metric })
  }
}
