import type { PreprocessSpec } from '../image/image-decoder.ts'
import type { Priority } from '../scheduling/priority-queue.ts'

/** The names that a model, and so the folder of its bundle, may have. */
export const MODEL_NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$/

export interface EmbedOptions {
  /** `search` when left out. */
  readonly priority?: Priority
  readonly signal?: AbortSignal | undefined
  /** Whether the pixels are not needed any more: their memory may move to the thread of the model, uncopied. Not when left out. */
  readonly givesPixels?: boolean
}

/** Port: embeds with a model that is loaded and warm. */
export interface Embedder {
  readonly model: string
  /** The hash of its ONNX file. */
  readonly sha256: string
  readonly dimensions: number
  /** The least number of leading numbers that are an embedding too; `dimensions`: only all are. */
  readonly minDimensions: number
  readonly isUnit: boolean
  readonly preprocess: PreprocessSpec
  /** The execution provider that runs, and why it is not the preferred one, if so. */
  readonly provider: { readonly name: string; readonly fallbackReason: string | null }
  /** The most images of a batch of the session that has single images. */
  readonly maxBatch: number
  /** The sessions that are open now, and about the bytes that each beside the first has taken; 0 while that is not known. */
  readonly sessions: { readonly open: number; readonly bytesEach: number }
  /** Whether it owes an answer for longer than any should take, or its thread was given up and still runs. */
  readonly isSilent: boolean
  /**
   * Embeds one image; the batcher joins it with others that wait.
   * @param pixels as `ImageDecoder.decode` makes them for `preprocess`.
   * @returns `dimensions` numbers; of unit length unless the bundle says `normalise: none`.
   * @throws NO_USABLE_EMBEDDING (NaN or zero), QUEUE_FULL, CANCELLED, THREAD_FAILED.
   */
  embed(pixels: Uint8Array, options?: EmbedOptions): Promise<Float32Array>
  close(): Promise<void>
}
