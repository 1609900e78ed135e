import type { PreprocessSpec } from '../image/image-decoder.ts'
import type { Priority } from '../scheduling/priority-queue.ts'

export interface EmbedOptions {
  /** Searches, the default, go before bulk work that waits. */
  readonly priority?: Priority
  readonly signal?: AbortSignal | undefined
}

/** Port: a model that is loaded and warm. */
export interface Embedder {
  readonly model: string
  /** Of its ONNX file. */
  readonly sha256: string
  readonly dimensions: number
  /** The first so many numbers, and any more, are an embedding too; `dimensions`: only all are. */
  readonly minDimensions: number
  /** Whether vectors have unit length. */
  readonly isUnit: boolean
  readonly preprocess: PreprocessSpec
  /** The execution provider in force, and why it is not the one hoped for, if so. */
  readonly provider: { readonly name: string; readonly fallbackReason: string | null }
  /** Images of one batch at most. */
  readonly maxBatch: number
  /** Whether it owes an answer for longer than any should take, or its thread was given up and still runs. */
  readonly isSilent: boolean
  /**
   * Embeds one image; the batcher joins it with others that wait.
   *
   * @param pixels what `ImageDecoder.decode` made for `preprocess`.
   * @returns `dimensions` numbers; of unit length unless the bundle says `normalise: none`.
   * @throws NO_USABLE_EMBEDDING (NaN or zero), QUEUE_FULL, CANCELLED, THREAD_FAILED.
   */
  embed(pixels: Uint8Array, options?: EmbedOptions): Promise<Float32Array>
  close(): Promise<void>
}
