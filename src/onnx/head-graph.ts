import { create } from '@bufbuild/protobuf'
import { GraphProtoSchema, type NodeProto, type TensorProto, TensorProto_DataType } from 'onnx-buf'
import { modelBytes } from './model-bytes.ts'
import { floatTensor, int64Tensor, node, valueInfo } from './parts.ts'

/** x W + b, then relu for the hidden ones; W is [inputs, outputs], b [outputs]. */
interface HeadLayer {
  readonly weight: string
  readonly bias: string
  readonly inputs: number
  readonly outputs: number
  readonly relu: boolean
}

export interface HeadGraphOptions {
  /** At least one, from the features to the embedding. */
  readonly layers: readonly HeadLayer[]
  /** Contiguous parts of the embedding that are made unit each before the whole is; 1 for none. */
  readonly slices: number
  /** Weights and biases by name; null declares them as inputs, for one graph over a whole training. */
  readonly values: Readonly<Record<string, Float32Array>> | null
}

const HEAD_INPUT = 'features'
const HEAD_OUTPUT = 'embedding'
const { FLOAT } = TensorProto_DataType

/**
 * The head alone: features [batch, inputs] in, unit vectors [batch, outputs] out, for any batch.
 * Uses only operators that are the same from version 7 (Gemm: 11) of the operator set to 17.
 */
export function headGraph({ layers, slices, values }: HeadGraphOptions): Uint8Array<ArrayBuffer> {
  const [first, last] = [layers[0], layers.at(-1)]
  if (first === undefined || last === undefined) throw new RangeError('expected a layer, got none')
  const tensors = layers.flatMap(({ weight, bias, inputs, outputs }) => [
    { name: weight, dims: [inputs, outputs] },
    { name: bias, dims: [outputs] },
  ])
  const nodes: NodeProto[] = []
  let at = HEAD_INPUT
  const then = (opType: string, from: readonly string[], to: string, attributes = {}) => {
    nodes.push(node(opType, from, [to], attributes))
    at = to
  }
  for (const [i, { weight, bias, relu }] of layers.entries()) {
    then('Gemm', [at, weight, bias], `layer ${i}`)
    if (relu) then('Relu', [at], `active ${i}`)
  }
  const shapes: TensorProto[] = []
  if (slices > 1) {
    const width = last.outputs / slices
    shapes.push(int64Tensor('sliced shape', [3], [0, slices, width]))
    shapes.push(int64Tensor('joined shape', [2], [0, last.outputs]))
    then('Reshape', [at, 'sliced shape'], 'sliced')
    then('LpNormalization', [at], 'unit slices', { axis: 2n, p: 2n })
    then('Reshape', [at, 'joined shape'], 'joined')
  }
  then('LpNormalization', [at], HEAD_OUTPUT, { axis: 1n, p: 2n })
  return modelBytes(
    create(GraphProtoSchema, {
      name: 'head',
      node: nodes,
      initializer: [
        ...shapes,
        ...(values === null
          ? []
          : tensors.map(({ name, dims }) => floatTensor(name, dims, valuesOf(values, name, dims)))),
      ],
      input: [
        valueInfo(HEAD_INPUT, FLOAT, ['batch', first.inputs]),
        ...(values === null ? tensors.map(({ name, dims }) => valueInfo(name, FLOAT, dims)) : []),
      ],
      output: [valueInfo(HEAD_OUTPUT, FLOAT, ['batch', last.outputs])],
    }),
  )
}

function valuesOf(
  values: Readonly<Record<string, Float32Array>>,
  name: string,
  dims: readonly number[],
): Float32Array {
  const size = dims.reduce((product, length) => product * length, 1)
  const found = values[name]
  if (found?.length === size) return found
  throw new RangeError(`expected ${size} numbers for ${name} [${dims}], got ${found?.length ?? 0}`)
}
