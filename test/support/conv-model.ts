import { create } from '@bufbuild/protobuf'
import { ModelProtoSchema, TensorProto_DataType, TensorProtoSchema } from 'onnx-buf'
import { type OnnxModel, writeOnnx } from '../../src/onnx/model-file.ts'
import { floatTensor, node, valueInfo } from '../../src/onnx/parts.ts'

const { FLOAT, INT8 } = TensorProto_DataType

/** Weights of the 1 x 1 convolutions of `convModel`, one after the other: rows of outputs by inputs. */
export const CONVOLUTIONS = {
  a: [
    [1, -1, 0.5],
    [0.25, 2, 1],
    [-1, 0.5, 0.5],
    [1, 1, -0.5],
  ],
  b: [
    [1, 0.5, -0.5, 2],
    [-1, 1, 1, 0.25],
  ],
  c: [
    [1, 0.5],
    [-0.5, 1],
    [2, -1],
  ],
  d: [
    [0.5, 1, -1],
    [1, -0.25, 0.5],
  ],
  // Stored in 8 bits, in quarters.
  e: [
    [1, -0.5],
    [0.25, 0.75],
    [-1, 2],
    [0.5, 0.5],
  ],
} as const

/**
 * A model of 1 x 1 convolutions, 3 -> 4 -> 2 -> 3 -> 2 -> 4 channels, whose embedding is the mean of
 * each channel of the last: `image` [n, 3, 2, 2] in.
 */
export function convModel(): Uint8Array<ArrayBuffer> {
  const names = Object.keys(CONVOLUTIONS) as (keyof typeof CONVOLUTIONS)[]
  const weights = names.map((name) => {
    const rows: readonly (readonly number[])[] = CONVOLUTIONS[name]
    const dims = [rows.length, rows[0]!.length, 1, 1]
    if (name !== 'e') return floatTensor(`${name} weight`, dims, rows.flat())
    const rawData = new Uint8Array(Int8Array.from(rows.flat(), (value) => 4 * value).buffer)
    const stored = { name: 'e stored', dataType: INT8, dims: dims.map(BigInt), rawData }
    return create(TensorProtoSchema, stored)
  })
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 13n }],
    graph: {
      name: 'convolutions',
      node: [
        node('DequantizeLinear', ['e stored', 'quarter'], ['e weight']),
        ...names.map((name, i) =>
          node('Conv', [names[i - 1] ?? 'image', `${name} weight`], [name]),
        ),
        node('GlobalAveragePool', ['e'], ['pooled']),
        node('Flatten', ['pooled'], ['embedding'], { axis: 1n }),
      ],
      initializer: [...weights, floatTensor('quarter', [], [0.25])],
      input: [valueInfo('image', FLOAT, ['n', 3, 2, 2])],
      output: [valueInfo('embedding', FLOAT, ['n', 4])],
    },
  })
  return writeOnnx(model as OnnxModel)
}
