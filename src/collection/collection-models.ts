import type { Models } from '../embedding/models.ts'
import type { CollectionSpec } from '../engine/collection-spec.ts'
import { AppError } from '../errors.ts'
import type { ImageDecoder } from '../image/image-decoder.ts'
import type { RightOfWay } from '../scheduling/right-of-way.ts'
import type { Clock } from '../scheduling/timers.ts'
import { ImageEmbedding } from './image-embedding.ts'

interface Parts {
  readonly models: Models
  readonly decoder: ImageDecoder
  readonly rightOfWay: RightOfWay
  readonly clock: Clock
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
    const embedder = await this.#parts.models.load(model)
    return new ImageEmbedding({ ...this.#parts, embedder, metric })
  }
}
