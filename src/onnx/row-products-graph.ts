import { create } from '@bufbuild/protobuf'
import { ModelProtoSchema, TensorProto_DataType } from 'onnx-buf'
import { node, valueInfo } from './parts.ts'
import type { OnnxModel } from './read.ts'
import { writeOnnx } from './write.ts'

const { DOUBLE } = TensorProto_DataType
/** ONNX's name for float64. */
const TO_DOUBLE = { to: BigInt(DOUBLE) }

/**
 * `left` [m, k] times the transpose of `right` [n, k], as `products` [m, n] in float64.
 * @param type of both inputs.
 */
export function rowProductsGraph(type: 'float32' | 'float64'): Uint8Array<ArrayBuffer> {
  const of = type === 'float32' ? TensorProto_DataType.FLOAT : DOUBLE
  const wide = type === 'float64' ? ['left', 'right'] : ['wide left', 'wide right']
  const casts = [
    node('Cast', ['left'], ['wide left'], TO_DOUBLE),
    node('Cast', ['right'], ['wide right'], TO_DOUBLE),
  ]
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'row products',
      node: [
        ...(type === 'float32' ? casts : []),
        node('Gemm', wide, ['products'], { transB: 1n }),
      ],
      input: [valueInfo('left', of, ['m', 'k']), valueInfo('right', of, ['n', 'k'])],
      output: [valueInfo('products', DOUBLE, ['m', 'n'])],
    },
  })
  return writeOnnx(model as OnnxModel)
}
