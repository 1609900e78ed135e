import type { DecodedImage, DecodeOptions, ImageDecoder } from '../image/image-decoder.ts'
import { sniffImage } from '../image/media-type.ts'
import type { ImageScheduler } from '../scheduling/image-scheduler.ts'
import type { TakeMemory } from '../scheduling/large-images.ts'
import type { Priority } from '../scheduling/priority-queue.ts'
import type { Clock } from '../scheduling/timers.ts'
import type { Embedder } from './embedder.ts'

interface Parts {
  readonly decoder: ImageDecoder
  /** Shared by all that decode and embed in this process. */
  readonly scheduler: ImageScheduler
  readonly clock: Clock
}

export interface EmbedImageOptions extends Omit<DecodeOptions, 'signal' | 'take'> {
  readonly priority: Priority
}

export interface EmbeddedImage {
  readonly vector: Float32Array
  readonly image: DecodedImage
  /** Milliseconds until the image was decoded, its wait for a decoder included. */
  readonly decodeMs: number
  /** Milliseconds at the model, the wait for a batch included. */
  readonly embedMs: number
}

/** Makes the vectors of image files: each is decoded and embedded when the scheduler lets it. */
export class ImageEmbedder {
  readonly #parts: Parts
  readonly #embedded: Record<Priority, number> = { search: 0, bulk: 0 }

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The images that were embedded, by why. */
  get embedded(): Readonly<Record<Priority, number>> {
    return this.#embedded
  }

  /**
   * @returns the vector as `embedder` gives it, and what else was made of the image.
   * @throws what ImageScheduler.run, ImageDecoder.decode and Embedder.embed throw.
   */
  async embed(
    bytes: Uint8Array,
    embedder: Embedder,
    { priority, ...made }: EmbedImageOptions,
    signal?: AbortSignal,
  ): Promise<EmbeddedImage> {
    // The caller of what is no image must not wait to hear it.
    sniffImage(bytes)
    const { decoder, scheduler, clock } = this.#parts
    const embedded = this.#embedded
    const started = clock()
    const work = {
      async decode(take: TakeMemory) {
        const image = await decoder.decode(bytes, embedder.preprocess, { ...made, signal, take })
        return { image, decodeMs: clock() - started }
      },
      async embed(decoded: { readonly image: DecodedImage; readonly decodeMs: number }) {
        const began = clock()
        const options = { priority, signal, givesPixels: true }
        const vector = await embedder.embed(decoded.image.pixels, options)
        embedded[priority]++
        return { ...decoded, vector, embedMs: clock() - began }
      },
    }
    return await scheduler.run(priority, work, signal)
  }
}
