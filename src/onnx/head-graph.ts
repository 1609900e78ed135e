import { create } from '@bufbuild/protobuf'
import { GraphProtoSchema, TensorProto_DataType } from 'onnx-buf'
import { LayerChain } from './layer-chain.ts'
import { modelBytes } from './model-file.ts'
import { floatTensor, valueInfo } from './parts.ts'

/** x W + b, then relu for the hidden ones; W is [inputs, outputs], b [outputs]. */
export interface HeadLayer {
  readonly weight: string
  readonly bias: string
  readonly inputs: number
  readonly outputs: number
  readonly relu: boolean
}

interface HeadGraphOptions {
  /** At least one, from the features to the embedding. */
  readonly layers: readonly HeadLayer[]
  /** Contiguous parts of the embedding that are made unit each before the whole is; 1 for none. */
  readonly slices: number
  /** Weights and biases by name; null declares them as inputs, for one graph over a whole training. */
  readonly values: Readonly<Record<string, Float32Array>> | null
}

const { FLOAT } = TensorProto_DataType

/**
 * Builds the head alone: features [batch, inputs] in, unit vectors [batch, outputs] out, for any
 * batch. It has only operators that are the same from version 7 (Gemm: 11) of the operator set to 17.
 */
export function headGraph({ layers, slices, values }: HeadGraphOptions): Uint8Array<ArrayBuffer> {
  const [first, last] = [layers[0], layers.at(-1)]
  if (first === undefined || last === undefined) throw new RangeError('expected a layer, got none')
  const graph = create(GraphProtoSchema, {
    name: 'head',
    input: [valueInfo('features', FLOAT, ['batch', first.inputs])],
    output: [valueInfo('embedding', FLOAT, ['batch', last.outputs])],
  })
  const parameter = (name: string, dims: readonly number[]) => {
    if (values !== null) return floatTensor(name, dims, values[name] ?? [])
    graph.input.push(valueInfo(name, FLOAT, dims))
    return name
  }
  const chain = new LayerChain(graph, 'features')
  for (const [i, { weight, bias, inputs, outputs, relu }] of layers.entries()) {
    const parameters = [parameter(weight, [inputs, outputs]), parameter(bias, [outputs])]
    chain.add('Gemm', `layer ${i}`, {}, parameters)
    if (relu) chain.add('Relu', `active ${i}`)
  }
  if (slices > 1) chain.addUnitSlices(slices, last.outputs)
  chain.addUnit('embedding')
  return modelBytes(graph)
}
