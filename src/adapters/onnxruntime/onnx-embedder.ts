import { Batcher } from '../../embedding/batcher.ts'
import type { Embedder } from '../../embedding/embedder.ts'
import { preprocessOf } from '../../embedding/model-bundle.ts'
import { servingModel } from '../../embedding/serving-model.ts'
import { AppError } from '../../errors.ts'
import { readBundle } from '../models-folder/read-bundle.ts'
import { openModelSession } from './model-session.ts'
import type { Provider } from './open-with-provider.ts'
import type { SessionOptions } from './session-client.ts'

export interface OnnxEmbedderOptions extends SessionOptions {
  /** The folder of the bundle: `model.json` and the ONNX file that it names. */
  readonly folder: string
  /** `auto`: cuda where it starts, else cpu. A provider by name that cannot start is an error. */
  readonly provider: Provider | 'auto'
  /** Which GPU; 0 when left out. */
  readonly gpuDevice?: number
  /** The most images of one batch; left out, the fastest size is found by trying, on the CPU up to 8. */
  readonly maxBatch?: number
}

/** Tried at the start, where time allows: a GPU is not busy with less. */
const LARGEST_BATCH = 32

/**
 * Opens the bundle in `folder`: checks it, adds the serving layers, starts onnxruntime in a thread
 * of its own and runs the model once.
 * @throws MODEL_NOT_FOUND, MODEL_INVALID, PROVIDER_UNAVAILABLE, THREAD_FAILED.
 */
export async function openOnnxEmbedder(options: OnnxEmbedderOptions): Promise<Embedder> {
  const { folder, provider, gpuDevice = 0, maxBatch: wanted, ...sessionOptions } = options
  const { bundle, onnx } = await readBundle(folder)
  const { bytes, inputName, outputName, maxBatch: most } = servingModel(bundle, onnx)
  const { width, height } = bundle.input
  const { dimensions } = bundle.output
  const imageBytes = width * height * 3
  const start = {
    name: `model ${bundle.name}`,
    model: bytes,
    inputName,
    outputName,
    width,
    height,
    dimensions,
    provider,
    gpuDevice,
    maxBatch: Math.min(wanted ?? LARGEST_BATCH, most),
    calibrate: wanted === undefined,
  }
  const session = await openModelSession(start, sessionOptions)
  const { maxBatch } = session
  const batcher = new Batcher<Uint8Array, Float32Array>(async (images) => {
    const pixels = new Uint8Array(images.length * imageBytes)
    for (const [i, image] of images.entries()) pixels.set(image, i * imageBytes)
    const vectors = await session.run(images.length, pixels)
    return images.map((_, i) => usable(vectors.slice(i * dimensions, (i + 1) * dimensions)))
  }, maxBatch)
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
        const wanted = `${imageBytes} bytes of pixels (${width} x ${height} x 3)`
        throw new RangeError(`expected ${wanted}, got ${pixels.length}`)
      }
      return await batcher.submit(pixels, options)
    },
    async close() {
      await batcher.close()
      await session.close()
    },
  }
}

/** Gives the vector where it is an embedding, else the error NO_USABLE_EMBEDDING. */
function usable(vector: Float32Array): Float32Array | AppError {
  const bad = vector.find((value) => !Number.isFinite(value))
  if (bad === undefined && vector.some((value) => value !== 0)) return vector
  const got = bad === undefined ? 'only zeros' : String(bad)
  const message = `expected an embedding of finite numbers with a direction, got ${got}`
  return new AppError('NO_USABLE_EMBEDDING', message)
}
