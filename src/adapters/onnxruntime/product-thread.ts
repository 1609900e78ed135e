import { parentPort, workerData } from 'node:worker_threads'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import { reasonOf } from './open-with-provider.ts'
import type { FromProducts, ProductGraphs, SentMatrix, ToProducts } from './product-messages.ts'

/** The thread that multiplies matrices. Says `ready` or `failed` once, then answers in order. */
const graphs = workerData as ProductGraphs
const port = parentPort
if (port === null) throw new Error('expected to be started as a worker thread')

env.logLevel = 'fatal'

const tell = (message: FromProducts, transfer: readonly ArrayBuffer[] = []) =>
  port.postMessage(message, transfer)

/** One thread fixes the order of sums, so that two runs agree bit by bit. */
const open = (graph: Uint8Array) =>
  InferenceSession.create(graph, {
    executionProviders: ['cpu'],
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  })

function tensorOf({ values, dims }: SentMatrix): Tensor {
  return values instanceof Float32Array
    ? new Tensor('float32', values, dims)
    : new Tensor('float64', values, dims)
}

async function serve(): Promise<void> {
  const sessions = { float32: await open(graphs.float32), float64: await open(graphs.float64) }
  port!.on('message', async (message: ToProducts) => {
    if (message.kind === 'close') {
      await sessions.float32.release()
      await sessions.float64.release()
      port!.close()
      return
    }
    try {
      const { type, left, right } = message
      const { products } = await sessions[type].run({
        left: tensorOf(left),
        right: tensorOf(right),
      })
      // A copy: onnxruntime owns the memory of its outputs, so that it cannot be sent away.
      const values = Float64Array.from(products!.data as Float64Array)
      tell({ kind: 'products', values }, [values.buffer])
    } catch (error) {
      tell({ kind: 'failed', reason: reasonOf(error) })
    }
  })
  tell({ kind: 'ready' })
}

await serve().catch((error) => {
  tell({ kind: 'failed', reason: reasonOf(error) })
  port.close()
})
