import type { Embedder } from '../embedding/embedder.ts'
import type { DecodedImage, ImageDecoder } from '../image/image-decoder.ts'
import type { Priority } from '../scheduling/lanes.ts'
import type { RightOfWay } from '../scheduling/right-of-way.ts'
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

interface Parts {
  readonly decoder: ImageDecoder
  readonly embedder: Embedder
  readonly metric: SpaceKind
  readonly clock: Clock
  /** Shared by all that decode and embed here. */
  readonly rightOfWay: RightOfWay
}

/** From the bytes of an image file to the vector that a collection stores. */
export class ImageEmbedding {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** @throws what RightOfWay.run, ImageDecoder.decode and Embedder.embed throw. */
  embed(
    bytes: Uint8Array,
    options: {
      readonly thumbnail: boolean
      readonly fingerprint: boolean
      readonly priority: Priority
    },
    signal?: AbortSignal,
  ): Promise<EmbeddedImage> {
    const { decoder, embedder, metric, clock, rightOfWay } = this.#parts
    const { thumbnail, fingerprint, priority } = options
    const call = { priority, ...(signal === undefined ? {} : { signal }) }
    const work = {
      async decode() {
        const started = clock()
        const image = await decoder.decode(bytes, embedder.preprocess, {
          thumbnail,
          fingerprint,
          ...call,
        })
        return { image, decodeMs: clock() - started }
      },
      async embed({ image, decodeMs }: { image: DecodedImage; decodeMs: number }) {
        const started = clock()
        const embedding = await embedder.embed(image.pixels, call)
        const vector = toStoredVector(embedding, embedder.dimensions, metric)
        return { vector, image, decodeMs, embedMs: clock() - started }
      },
    }
    return rightOfWay.run(priority, work, signal)
  }
}
