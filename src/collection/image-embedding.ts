import { createHash } from 'node:crypto'
import type { Embedder } from '../embedding/embedder.ts'
import type {
  EmbeddedImage,
  EmbedImageOptions,
  ImageEmbedder,
} from '../embedding/image-embedder.ts'
import type { Keep } from '../engine/collection-spec.ts'
import type { ImageFacts, KeptContent } from '../engine/record.ts'
import type { SpaceKind } from '../vector/space.ts'
import { toStoredVector } from '../vector/stored-vector.ts'

interface Parts {
  readonly images: ImageEmbedder
  readonly embedder: Embedder
  readonly metric: SpaceKind
}

/** Makes the vectors of images as a collection stores them. */
export class ImageEmbedding {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @throws what ImageEmbedder.embed throws. */
  async embed(
    bytes: Uint8Array,
    options: EmbedImageOptions,
    signal?: AbortSignal,
  ): Promise<EmbeddedImage> {
    const { images, embedder, metric } = this.#parts
    const embedded = await images.embed(bytes, embedder, options, signal)
    return { ...embedded, vector: toStoredVector(embedded.vector, embedder.dimensions, metric) }
  }
}

/** The facts that are stored about an image that came as `bytes`. */
export function factsOf(bytes: Uint8Array, { image }: EmbeddedImage): ImageFacts {
  return {
    contentHash: createHash('sha256').update(bytes).digest('hex'),
    mediaType: image.mediaType,
    width: image.width,
    height: image.height,
    bytes: bytes.byteLength,
    fingerprint: image.fingerprint,
  }
}

/** The content that a collection keeps of an image that came as `bytes`. */
export function keptOf(
  bytes: Uint8Array,
  { image }: EmbeddedImage,
  keep: Keep,
): KeptContent | null {
  switch (keep) {
    case 'none':
      return null
    case 'thumbnail':
      return image.thumbnail
    case 'original':
      return { mediaType: image.mediaType, bytes }
  }
}
