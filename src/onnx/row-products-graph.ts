import { create } from '@bufbuild/protobuf'
import { GraphProtoSchema, TensorProto_DataType } from 'onnx-buf'
import { modelBytes } from './model-file.ts'
import { node, valueInfo } from './parts.ts'

const { DOUBLE } = TensorProto_DataType
/** ONNX's name for float64. */
const TO_DOUBLE = { to: BigInt(DOUBLE) }

/**
 * Builds the graph that multiplies `left` [m, k] with the transpose of `right` [n, k] and gives
 * `products` [m, n] in float64.
 * @param type of both inputs.
 */
export function rowProductsGraph(type: 'float32' | 'float64'): Uint8Array<ArrayBuffer> {
  const of = type === 'float32' ? TensorProto_DataType.FLOAT : DOUBLE
  const wide = type === 'float64' ? ['left', 'right'] : ['wide left', 'wide right']
  const casts = [
    node('Cast', ['left'], ['wide left'], TO_DOUBLE),
    node('Cast', ['right'], ['wide right'], TO_DOUBLE),
  ]
  return modelBytes(
    create(GraphProtoSchema, {
      name: 'row products',
      node: [
        ...(type === 'float32' ? casts : []),
        node('Gemm', wide, ['products'], { transB: 1n }),
      ],
      input: [valueInfo('left', of, ['m', 'k']), valueInfo('right', of, ['n', 'k'])],
      output: [valueInfo('products', DOUBLE, ['m', 'n'])],
    }),
  )
}
