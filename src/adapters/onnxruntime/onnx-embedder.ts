import { availableParallelism } from 'node:os'
import { Batcher } from '../../embedding/batcher.ts'
import type { Embedder } from '../../embedding/embedder.ts'
import { preprocessOf } from '../../embedding/model-bundle.ts'
import { servingModel } from '../../embedding/serving-model.ts'
import { usableEmbedding } from '../../embedding/usable-embedding.ts'
import { freeMemory } from '../../threads/free-memory.ts'
import { ownsMemory } from '../../threads/own-memory.ts'
import { type ReadBundle, readBundle } from '../models-folder/read-bundle.ts'
import { type Image, joinedPixels, type ModelSession, openModelSession } from './model-session.ts'
import type { Provider } from './open-with-provider.ts'
import type { SessionOptions } from './session-client.ts'
import type { SessionStart } from './session-thread.ts'
import { MOST_A_BATCH, planSessions, SessionsSideBySide } from './sessions-side-by-side.ts'

export interface OnnxEmbedderOptions extends SessionOptions {
  /** The folder of the bundle: `model.json` and the ONNX file that it names. */
  readonly folder: string
  /** What stands in the place of what is read there. */
  readonly bundle?: ReadBundle
  /** `auto`: cuda where it starts, else cpu. A provider by name that cannot start is an error. */
  readonly provider: Provider | 'auto'
  /** Which GPU; 0 when left out. */
  readonly gpuDevice?: number
  /** The most images of one batch, in one session; left out, what is fastest is found by trying, on the CPU when many images wait. */
  readonly maxBatch?: number
  /** The processors that sessions share; those of the machine when left out. */
  readonly processors?: number
}

/** Tried at the start, where time allows: a GPU is not busy with less. */
const LARGEST_BATCH = 32

/**
 * Opens the bundle in `folder`: checks it, adds the serving layers, starts onnxruntime in a thread
 * of its own and runs the model once. On the CPU it opens more sessions while many images wait (`SessionsSideBySide`).
 * @throws MODEL_NOT_FOUND, MODEL_INVALID, PROVIDER_UNAVAILABLE, THREAD_FAILED.
 */
export async function openOnnxEmbedder(options: OnnxEmbedderOptions): Promise<Embedder> {
  const { folder, provider, gpuDevice = 0, maxBatch: wanted, bundle: _, ...others } = options
  const { processors = availableParallelism(), ...sessionOptions } = others
  const { bundle, onnx } = options.bundle ?? (await readBundle(folder))
  const { bytes, inputName, outputName, maxBatch: most } = servingModel(bundle, onnx)
  const { width, height } = bundle.input
  const { dimensions } = bundle.output
  const imageBytes = width * height * 3
  const plan = wanted === undefined ? planSessions(processors, bytes.length) : null
  const start: SessionStart = {
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
    calibrate: calibrationOf(wanted, plan),
    threads: null,
  }
  // For later sessions: to read and prepare the model again would hold up everybody.
  const kept = plan === null ? new Uint8Array() : bytes.slice()
  const session = await openModelSession(start, sessionOptions)
  const runnerOf = ({ run }: ModelSession, maxBatch: number) => ({
    maxBatch,
    async run(images: readonly Image[]) {
      const vectors = await run(images.length, pixelsToSend(images))
      return images.map((_, i) =>
        usableEmbedding(vectors.slice(i * dimensions, (i + 1) * dimensions)),
      )
    },
  })
  const batcher = new Batcher<Image, Float32Array>(runnerOf(session, session.maxBatch))
  const sideBySide =
    plan === null || session.provider.name !== 'cpu'
      ? null
      : new SessionsSideBySide({
          ...plan,
          batcher,
          wide: session,
          imageBytes,
          open: (threads) =>
            openModelSession(
              {
                ...start,
                model: kept.slice(),
                threads,
                provider: 'cpu',
                maxBatch: Math.min(MOST_A_BATCH, most),
                calibrate: 'never',
              },
              sessionOptions,
            ),
          runnerOf,
          maxBatch: Math.min(MOST_A_BATCH, most),
          clock: () => performance.now(),
          timers: { set: startTimer, clear: (timer) => clearTimeout(timer as NodeJS.Timeout) },
          memory: () => process.memoryUsage.rss(),
        })
  return {
    model: bundle.name,
    sha256: bundle.sha256,
    dimensions,
    minDimensions: bundle.output.minDimensions ?? dimensions,
    isUnit: bundle.output.normalise === 'l2',
    preprocess: preprocessOf(bundle),
    provider: session.provider,
    get maxBatch() {
      return batcher.maxBatch
    },
    get sessions() {
      return { open: 1 + (sideBySide?.open ?? 0), bytesEach: sideBySide?.bytesEach ?? 0 }
    },
    get isSilent() {
      return session.isSilent || sideBySide?.isSilent === true
    },
    async embed(pixels, options) {
      if (pixels.length !== imageBytes) {
        const wanted = `${imageBytes} bytes of pixels (${width} x ${height} x 3)`
        throw new RangeError(`expected ${wanted}, got ${pixels.length}`)
      }
      const answer = batcher.submit({ pixels, isGiven: options?.givesPixels === true }, options)
      if (batcher.waiting > 0) sideBySide?.imageWaits()
      return await answer
    },
    async close() {
      await batcher.close()
      await sideBySide?.close()
      await session.close()
    },
  }
}

/** Joins the pixels of a batch in memory that may go to a thread. */
function pixelsToSend(images: readonly Image[]): Uint8Array<ArrayBuffer> {
  const [first] = images
  if (images.length === 1) {
    return first!.isGiven && ownsMemory(first!.pixels)
      ? first!.pixels
      : new Uint8Array(first!.pixels)
  }
  const joined = joinedPixels(images.map(({ pixels }) => pixels))
  for (const { pixels, isGiven } of images) if (isGiven) freeMemory(pixels)
  return joined
}

function calibrationOf(wanted: number | undefined, plan: unknown): SessionStart['calibrate'] {
  if (wanted !== undefined) return 'never'
  return plan === null ? 'at start' : 'later'
}

/** Starts a timer that keeps no process alive. */
function startTimer(callback: () => void, delayMs: number): NodeJS.Timeout {
  return setTimeout(callback, delayMs).unref()
}
