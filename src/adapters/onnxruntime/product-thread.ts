import { workerData } from 'node:worker_threads'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import { ownBuffers } from '../../threads/answer-call.ts'
import { serveThread } from '../../threads/thread-host.ts'
import type { ProductCalls, ProductGraphs, SentMatrix } from './product-calls.ts'

env.logLevel = 'fatal'

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

await serveThread<ProductCalls>(async () => {
  const graphs = workerData as ProductGraphs
  const sessions = { float32: await open(graphs.float32), float64: await open(graphs.float64) }
  return {
    calls: {
      async multiply({ type, left, right }) {
        const feeds = { left: tensorOf(left), right: tensorOf(right) }
        const { products } = await sessions[type].run(feeds)
        // A copy: onnxruntime owns the memory of its outputs, so that it cannot be sent away.
        return Float64Array.from(products!.data as Float64Array)
      },
    },
    transfer: ownBuffers,
    async end() {
      await sessions.float32.release()
      await sessions.float64.release()
    },
  }
})
