import { parentPort, workerData } from 'node:worker_threads'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import { openWithProvider, reasonOf } from './open-with-provider.ts'
import type { FromSession, Provider, SessionStart, ToSession } from './session-messages.ts'

/**
 * The thread of one model: onnxruntime's `run` blocks the thread that calls it. Answers `ready` or
 * `refused` once, then each `run` in order.
 */
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

/** A provider may well start and then fail at its first run, so a session counts once it has run. */
async function openSession(provider: Provider): Promise<InferenceSession> {
  const session = await InferenceSession.create(start.model, {
    executionProviders: [provider],
    logSeverityLevel: 4,
    // Threads that spin while they wait take the cores that decode and scan.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...(start.threads === null ? {} : { intraOpNumThreads: start.threads }),
  })
  try {
    for (const batch of new Set([1, start.warmUpBatch])) {
      await runBatch(session, batch, new Uint8Array(batch * start.width * start.height * 3))
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
  say({ kind: 'ready', provider: opened.provider, fallbackReason })
}

await serve()
