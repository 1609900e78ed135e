import { workerData } from 'node:worker_threads'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import { fastestBatch } from '../../embedding/fastest-batch.ts'
import type { Handlers } from '../../threads/call-table.ts'
import { ownBuffers, serveThread } from '../../threads/thread-host.ts'
import { openWithProvider } from './open-with-provider.ts'
import type { Provider, SessionCalls, SessionReady, SessionStart } from './session-calls.ts'

/** The thread of one model: onnxruntime's `run` blocks the thread that calls it. */
const WARM_UP_BATCH = 2
const start = workerData as SessionStart & { readonly name: string }

// Failures come as exceptions, and are reported once, by us, with their consequence.
env.logLevel = 'fatal'

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

await serveThread(async () => {
  const subject = { name: start.name, graph: 'it', invalid: 'MODEL_INVALID' } as const
  const { session, provider } = await openWithProvider(start.provider, subject, openSession)
  const maxBatch = start.calibrate
    ? await fastestBatch({
        largest: start.maxBatch,
        clock: () => performance.now(),
        run: (batch) => runBatch(session, batch, blank(batch)),
      })
    : start.maxBatch
  return {
    ready: { provider, maxBatch } satisfies SessionReady,
    calls: {
      run: ({ batch, pixels }) => runBatch(session, batch, pixels),
    } satisfies Handlers<SessionCalls>,
    transfer: ownBuffers,
    end: () => session.release(),
  }
})
