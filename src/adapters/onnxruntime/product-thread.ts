import { workerData } from 'node:worker_threads'
import { Tensor } from 'onnxruntime-node'
import type { Handlers } from '../../threads/call-table.ts'
import { ownBuffers, serveThread } from '../../threads/thread-host.ts'
import type { Matrix } from '../../vector/row-matrix.ts'
import { openOnOneThread } from './open-with-provider.ts'

/** ONNX files: `left` and `right` in, `products` out, for inputs of each type. */
export interface ProductGraphs {
  readonly float32: Uint8Array
  readonly float64: Uint8Array
}

export interface ProductCalls {
  multiply(args: {
    readonly type: keyof ProductGraphs
    readonly left: Matrix
    readonly right: Matrix
  }): Float64Array
}

const tensorOf = ({ values, count, dimensions }: Matrix) => new Tensor(values, [count, dimensions])

await serveThread(async () => {
  const graphs = workerData as ProductGraphs
  const sessions = {
    float32: await openOnOneThread(graphs.float32, 'cpu'),
    float64: await openOnOneThread(graphs.float64, 'cpu'),
  }
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
