import { Batcher } from '../../embedding/batcher.ts'
import type { Embedder } from '../../embedding/embedder.ts'
import { type ModelBundle, preprocessOf } from '../../embedding/model-bundle.ts'
import { servingModel } from '../../embedding/serving-model.ts'
import { AppError } from '../../errors.ts'
import { readBundle } from '../models-folder/read-bundle.ts'
import { type ModelSession, openModelSession } from './model-session.ts'
import type { Provider } from './session-calls.ts'

export interface OnnxEmbedderOptions {
  /** The folder of the bundle: `model.json` and the ONNX file that it names. */
  readonly folder: string
  /** `auto`: cuda where it starts, else cpu. A provider by name that cannot start is an error. */
  readonly provider: Provider | 'auto'
  /** Which GPU; 0 when left out. */
  readonly gpuDevice?: number
  /** Threads of one operator on the CPU; onnxruntime takes one a core when left out. */
  readonly threads?: number
  /** The most images of one batch; left out, the fastest size is found by trying, on the CPU up to 8. */
  readonly maxBatch?: number
  /** Milliseconds until the model has run once, and of one batch; then its thread is given up. */
  readonly startTimeoutMs?: number
  readonly runTimeoutMs?: number
  /** The session's script, for tests. */
  readonly thread?: URL
}

const TEN_MINUTES_MS = 600_000
const ONE_MINUTE_MS = 60_000
/** Tried at the start, where time allows: a GPU is not busy with less. */
const LARGEST_BATCH = 32

/**
 * Opens the bundle in `folder`: checks it, adds the serving layers, starts onnxruntime in a thread
 * of its own and runs the model once.
 * @throws MODEL_NOT_FOUND, MODEL_INVALID, PROVIDER_UNAVAILABLE, THREAD_FAILED.
 */
export async function openOnnxEmbedder(options: OnnxEmbedderOptions): Promise<Embedder> {
  const { folder, provider, threads = null } = options
  if (threads !== null && (!Number.isInteger(threads) || threads < 1)) {
    throw new RangeError(`expected threads to be an integer of at least 1, got ${threads}`)
  }
  const { bundle, onnx } = await readBundle(folder)
  const graph = servingModel(bundle, onnx)
  const { width, height } = bundle.input
  const { dimensions } = bundle.output
  const imageBytes = width * height * 3
  const session = await openModelSession({
    model: bundle.name,
    start: {
      model: graph.bytes,
      inputName: graph.inputName,
      outputName: graph.outputName,
      width,
      height,
      dimensions,
      provider,
      threads,
      gpuDevice: options.gpuDevice ?? 0,
      maxBatch: Math.min(options.maxBatch ?? LARGEST_BATCH, graph.maxBatch),
      calibrate: options.maxBatch === undefined,
    },
    startTimeoutMs: options.startTimeoutMs ?? TEN_MINUTES_MS,
    runTimeoutMs: options.runTimeoutMs ?? ONE_MINUTE_MS,
    ...(options.thread === undefined ? {} : { thread: options.thread }),
  })
  const { maxBatch } = session
  const batcher = new Batcher<Uint8Array, Float32Array>(
    (images) => embedBatch(session, images, imageBytes, bundle),
    maxBatch,
  )
  return {
    model: bundle.name,
    sha256: bundle.sha256,
    dimensions,
    minDimensions: bundle.output.minDimensions ?? dimensions,
    isUnit: bundle.output.normalise === 'l2',
    preprocess: preprocessOf(bundle),
    provider: session.provider,
    maxBatch,
    get isSilent() {
      return session.isSilent
    },
    async embed(pixels, options) {
      if (pixels.length !== imageBytes) {
        throw new RangeError(
          `expected ${imageBytes} bytes of pixels (${width} x ${height} x 3), got ${pixels.length}`,
        )
      }
      return await batcher.submit(pixels, options)
    },
    async close() {
      await batcher.close()
      await session.close()
    },
  }
}

async function embedBatch(
  session: ModelSession,
  images: readonly Uint8Array[],
  imageBytes: number,
  bundle: ModelBundle,
): Promise<readonly (Float32Array | AppError)[]> {
  const pixels = new Uint8Array(images.length * imageBytes)
  for (const [i, image] of images.entries()) pixels.set(image, i * imageBytes)
  const vectors = await session.run(images.length, pixels)
  const { dimensions } = bundle.output
  return images.map((_, i) => usable(vectors.slice(i * dimensions, (i + 1) * dimensions)))
}

/** Gives the vector where it is an embedding, else the error NO_USABLE_EMBEDDING. */
function usable(vector: Float32Array): Float32Array | AppError {
  const bad = vector.find((value) => !Number.isFinite(value))
  if (bad === undefined && vector.some((value) => value !== 0)) return vector
  const got = bad === undefined ? 'only zeros' : String(bad)
  return new AppError(
    'NO_USABLE_EMBEDDING',
    `expected an embedding of finite numbers with a direction, got ${got}`,
  )
}
