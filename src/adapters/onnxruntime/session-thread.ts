import { workerData } from 'node:worker_threads'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { fastestBatch } from '../../embedding/fastest-batch.ts'
import type { Handlers } from '../../threads/call-table.ts'
import { ownBuffers, serveThread } from '../../threads/thread-host.ts'
import { openWithProvider, type Provider, type SessionProvider } from './open-with-provider.ts'

/** The model of a session, and how it is run. */
export interface SessionStart {
  /** Names the session in the messages of errors. */
  readonly name: string
  /** The ONNX file; its buffer goes to the thread. */
  readonly model: Uint8Array<ArrayBuffer>
  readonly inputName: string
  readonly outputName: string
  readonly width: number
  readonly height: number
  readonly dimensions: number
  /** Batches that the graph takes, and that memory should be spent on, have at most this many. */
  readonly maxBatch: number
  /**
   * When to find out which batch is worth waiting for: `at start`; `later`, by a call, where it runs on the CPU, with batches of one until then;
   * `never`, where `maxBatch` is taken.
   */
  readonly calibrate: 'at start' | 'later' | 'never'
  /** The threads that share one run on the CPU; null for one a processor. */
  readonly threads: number | null
  readonly provider: Provider | 'auto'
  /** Number of the GPU; of no account on the CPU. */
  readonly gpuDevice: number
}

export interface SessionReady {
  readonly provider: SessionProvider
  /** The number of images in a batch that is worth waiting for. */
  readonly maxBatch: number
}

export interface SessionCalls {
  /**
   * Returns `batch` x dimensions numbers.
   * @throws THREAD_FAILED when the thread is gone or cannot answer.
   */
  run(args: { readonly batch: number; readonly pixels: Uint8Array }): Float32Array
  /** Returns the number of images in a batch that is worth waiting for. */
  calibrate(): number
}

/** The thread of one model: onnxruntime's `run` blocks the thread that calls it. */
const start = workerData as SessionStart
const WARM_UP_BATCH = 2

async function runBatch(
  session: InferenceSession,
  batch: number,
  pixels: Uint8Array = new Uint8Array(batch * start.width * start.height * 3),
): Promise<Float32Array<ArrayBuffer>> {
  const { inputName, outputName, width, height, dimensions } = start
  const input = new Tensor('uint8', pixels, [batch, height, width, 3])
  const output = (await session.run({ [inputName]: input }, [outputName]))[outputName]
  const dims = output?.dims.join(', ')
  if (dims !== `${batch}, ${dimensions}` || !(output?.data instanceof Float32Array)) {
    throw new Error(`expected output of shape [${batch}, ${dimensions}], got [${dims}]`)
  }
  // A copy: onnxruntime owns the memory of its output, so that it cannot be sent away.
  return output.data.slice()
}

/** A provider may well start and then fail at its first run, so a session counts once it has run. */
async function openSession(provider: Provider): Promise<InferenceSession> {
  // All that the binding of Node hands on to a GPU's provider is its number (docs/gpu.md).
  const onGpu = (name: 'cuda' | 'tensorrt') => ({ name, deviceId: start.gpuDevice })
  const providers = {
    cpu: ['cpu'],
    cuda: [onGpu('cuda')],
    // What TensorRT cannot do of a graph stays on the GPU.
    tensorrt: [onGpu('tensorrt'), onGpu('cuda')],
  }
  const session = await InferenceSession.create(start.model, {
    executionProviders: providers[provider],
    logSeverityLevel: 4,
    ...(start.threads !== null && { intraOpNumThreads: start.threads }),
    // Threads that spin while they wait take the cores that decode and scan.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
  try {
    // A graph may well claim to take any batch. The larger first: TensorRT builds for what it has seen.
    for (const batch of new Set([Math.min(start.maxBatch, WARM_UP_BATCH), 1])) {
      await runBatch(session, batch)
    }
  } catch (error) {
    await session.release()
    throw error
  }
  return session
}

function firstBatch(
  provider: Provider,
  calibrate: () => Promise<number>,
): Promise<number> | number {
  if (start.calibrate === 'never') return start.maxBatch
  // On a GPU a batch of one leaves most of it idle.
  return start.calibrate === 'later' && provider === 'cpu' ? 1 : calibrate()
}

await serveThread(async () => {
  const subject = { name: start.name, graph: 'it', invalid: 'MODEL_INVALID' } as const
  const { session, provider } = await openWithProvider(start.provider, subject, openSession)
  // onnxruntime has its own copy of the weights by now, and what a thread was started with is never freed: this takes the memory away.
  structuredClone(start.model.buffer, { transfer: [start.model.buffer] })
  const calibrate = () =>
    fastestBatch({
      largest: start.maxBatch,
      clock: () => performance.now(),
      run: (batch) => runBatch(session, batch),
    })
  return {
    ready: {
      provider,
      maxBatch: await firstBatch(provider.name, calibrate),
    } satisfies SessionReady,
    calls: {
      run: ({ batch, pixels }) => runBatch(session, batch, pixels),
      calibrate,
    } satisfies Handlers<SessionCalls>,
    transfer: ownBuffers,
    end: () => session.release(),
  }
})
