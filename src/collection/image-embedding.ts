import type { Embedder } from '../embedding/embedder.ts'
import type { DecodedImage, ImageDecoder } from '../image/image-decoder.ts'
import type { Priority } from '../image/lanes.ts'
import type { SpaceKind } from '../vector/space.ts'
import { toStoredVector } from '../vector/stored-vector.ts'

/** Milliseconds since some fixed moment; monotonic. */
export type Clock = () => number

export interface EmbeddedImage {
  readonly vector: Float32Array
  readonly image: DecodedImage
  readonly decodeMs: number
  readonly embedMs: number
}

/** From the bytes of an image file to the vector that a collection stores. */
export class ImageEmbedding {
  readonly #decoder: ImageDecoder
  readonly #embedder: Embedder
  readonly #metric: SpaceKind
  readonly #clock: Clock

  constructor(decoder: ImageDecoder, embedder: Embedder, metric: SpaceKind, clock: Clock) {
    this.#decoder = decoder
    this.#embedder = embedder
    this.#metric = metric
    this.#clock = clock
  }

  /** @throws what ImageDecoder.decode and Embedder.embed throw. */
  async embed(
    bytes: Uint8Array,
    options: {
      readonly thumbnail: boolean
      readonly fingerprint: boolean
      readonly priority: Priority
    },
    signal?: AbortSignal,
  ): Promise<EmbeddedImage> {
    const { thumbnail, fingerprint, priority } = options
    const call = { priority, ...(signal === undefined ? {} : { signal }) }
    const started = this.#clock()
    const image = await this.#decoder.decode(bytes, this.#embedder.preprocess, {
      thumbnail,
      fingerprint,
      ...call,
    })
    const decoded = this.#clock()
    const embedding = await this.#embedder.embed(image.pixels, call)
    const embedded = this.#clock()
    return {
      vector: toStoredVector(embedding, this.#embedder.dimensions, this.#metric),
      image,
      decodeMs: decoded - started,
      embedMs: embedded - decoded,
    }
  }
}
