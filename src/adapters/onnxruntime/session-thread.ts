import { parentPort, workerData } from 'node:worker_threads'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import { fastestBatch } from '../../embedding/fastest-batch.ts'
import { openWithProvider, reasonOf } from './open-with-provider.ts'
import type { FromSession, Provider, SessionStart, ToSession } from './session-messages.ts'

/**
 * The thread of one model: onnxruntime's `run` blocks the thread that calls it. Answers `ready` or
 * `refused` once, then each `run` in order.
 */
const WARM_UP_BATCH = 2
const start = workerData as SessionStart
const port = parentPort
if (port === null) throw new Error('expected to be started as a worker thread')

// Failures come as exceptions, and are told once, by us, with their consequence.
env.logLevel = 'fatal'

function say(message: FromSession, transfer: ArrayBuffer[] = []): void {
  port!.postMessage(message, transfer)
}

async function runBatch(
  session: InferenceSession,
  batch: number,
  pixels: Uint8Array,
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

function blank(batch: number): Uint8Array {
  return new Uint8Array(batch * start.width * start.height * 3)
}

/** All that the binding of Node hands on to a GPU's provider is its number (docs/gpu.md). */
function providersOf(provider: Provider): InferenceSession.ExecutionProviderConfig[] {
  const deviceId = start.gpuDevice
  const cuda = { name: 'cuda', deviceId } as const
  switch (provider) {
    case 'cpu':
      return ['cpu']
    case 'cuda':
      return [cuda]
    case 'tensorrt':
      // What TensorRT cannot do of a graph stays on the GPU.
      return [{ name: 'tensorrt', deviceId }, cuda]
  }
}

/** A provider may well start and then fail at its first run, so a session counts once it has run. */
async function openSession(provider: Provider): Promise<InferenceSession> {
  const session = await InferenceSession.create(start.model, {
    executionProviders: providersOf(provider),
    logSeverityLevel: 4,
    // Threads that spin while they wait take the cores that decode and scan.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...(start.threads === null ? {} : { intraOpNumThreads: start.threads }),
  })
  try {
    // A graph may well claim to take any batch. The larger first: TensorRT builds for what it has seen.
    for (const batch of new Set([Math.min(start.maxBatch, WARM_UP_BATCH), 1])) {
      await runBatch(session, batch, blank(batch))
    }
  } catch (error) {
    await session.release()
    throw error
  }
  return session
}

async function serve(): Promise<void> {
  const opened = await openWithProvider(start.provider, openSession)
  if (opened.kind === 'refused') {
    say(opened)
    port!.close()
    return
  }
  const { session, fallbackReason } = opened
  const maxBatch = start.calibrate
    ? await fastestBatch({
        largest: start.maxBatch,
        clock: () => performance.now(),
        run: (batch) => runBatch(session, batch, blank(batch)),
      })
    : start.maxBatch
  port!.on('message', async (message: ToSession) => {
    if (message.kind === 'close') {
      await session.release()
      port!.close()
      return
    }
    try {
      const vectors = await runBatch(session, message.batch, message.pixels)
      say({ kind: 'vectors', vectors }, [vectors.buffer])
    } catch (error) {
      say({ kind: 'failed', reason: reasonOf(error) })
    }
  })
  say({ kind: 'ready', provider: opened.provider, fallbackReason, maxBatch })
}

await serve()
