import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { GraphBuilder } from '../../src/onnx/autodiff/graph-builder.ts'
import { modelBytes } from '../../src/onnx/model-file.ts'

export type Feeds = Readonly<Record<string, GraphInput>>

interface GraphInput {
  readonly dims: readonly number[]
  readonly values: Float32Array | Float64Array | BigInt64Array
}

export interface RunnableGraph extends AsyncDisposable {
  /** All outputs by name, row-major. */
  run(feeds: Feeds): Promise<Record<string, Float64Array>>
}

/** Opens a graph on one thread of the CPU; `await using` releases it. */
export async function openGraph(bytes: Uint8Array): Promise<RunnableGraph> {
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  })
  return {
    async run(feeds) {
      const tensors = Object.entries(feeds).map(([name, input]) => [name, asTensor(input)])
      const outputs = await session.run(Object.fromEntries(tensors))
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { data }]) => [
          name,
          Float64Array.from(data as ArrayLike<number>),
        ]),
      )
    },
    [Symbol.asyncDispose]: () => session.release(),
  }
}

/** Opens what a builder has collected. */
export function openBuilt(graph: GraphBuilder): Promise<RunnableGraph> {
  return openGraph(modelBytes(graph.graph('built', graph.inputs, graph.outputs)))
}

function asTensor({ dims, values }: GraphInput): Tensor {
  if (values instanceof BigInt64Array) return new Tensor('int64', values, dims)
  if (values instanceof Float64Array) return new Tensor('float64', values, dims)
  return new Tensor('float32', values, dims)
}
