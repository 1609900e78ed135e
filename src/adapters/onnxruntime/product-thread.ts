import { workerData } from 'node:worker_threads'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import type { Handlers } from '../../threads/call-table.ts'
import { ownBuffers, serveThread } from '../../threads/thread-host.ts'

/** ONNX files: `left` and `right` in, `products` out, for inputs of each type. */
export interface ProductGraphs {
  readonly float32: Uint8Array
  readonly float64: Uint8Array
}

/** A row-major matrix, with nothing else in its buffer. */
export interface SentMatrix {
  readonly values: Float32Array | Float64Array
  readonly dims: readonly [rows: number, columns: number]
}

export interface ProductCalls {
  multiply(args: {
    readonly type: keyof ProductGraphs
    readonly left: SentMatrix
    readonly right: SentMatrix
  }): Float64Array
}

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

await serveThread(async () => {
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
    } satisfies Handlers<ProductCalls>,
    transfer: ownBuffers,
    async end() {
      await sessions.float32.release()
      await sessions.float64.release()
    },
  }
})
