import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { create } from '@bufbuild/protobuf'
import { ModelProtoSchema, type NodeProto, type TensorProto, TensorProto_DataType } from 'onnx-buf'
import { int64Tensor, node, valueInfo } from '../../src/onnx/parts.ts'
import type { OnnxModel } from '../../src/onnx/read.ts'
import { writeOnnx } from '../../src/onnx/write.ts'

const { FLOAT } = TensorProto_DataType

export interface TinyModelOptions {
  readonly layout?: 'NCHW' | 'NHWC'
  readonly batch?: number | string
  readonly size?: number
  readonly outputDims?: readonly (number | string)[]
  /** Steps after the mean of each channel: `mean` in, `embedding` out. */
  readonly tail?: readonly NodeProto[]
  readonly initialisers?: readonly TensorProto[]
}

/** A model whose embedding is the square root of the mean of each channel of its input. */
export function tinyModel(options: TinyModelOptions = {}): Uint8Array<ArrayBuffer> {
  const { layout = 'NHWC', batch = 'n', size = 4 } = options
  const dims = layout === 'NHWC' ? [batch, size, size, 3] : [batch, 3, size, size]
  const axes = layout === 'NHWC' ? [1n, 2n] : [2n, 3n]
  const tail = options.tail ?? [node('Sqrt', ['mean'], ['embedding'])]
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 13n }],
    graph: {
      name: 'tiny',
      node: [node('ReduceMean', ['image'], ['mean'], { axes, keepdims: 0n }), ...tail],
      initializer: [...(options.initialisers ?? [])],
      input: [valueInfo('image', FLOAT, dims)],
      output: [valueInfo('embedding', FLOAT, options.outputDims ?? [batch, 3])],
    },
  })
  return writeOnnx(model as OnnxModel)
}

/** A tail that only works on a batch of one, as some exporters write it. */
export const reshapeToOne: Pick<TinyModelOptions, 'tail' | 'initialisers'> = {
  tail: [
    node('Sqrt', ['mean'], ['root']),
    node('Reshape', ['root', 'one by three'], ['embedding']),
  ],
  initialisers: [int64Tensor('one by three', [2], [1, 3])],
}

export const tinyDescription = {
  name: 'tiny',
  version: '1',
  file: 'model.onnx',
  sha256: '',
  licence: 'Apache-2.0',
  source: 'test/support/tiny-model.ts',
  input: {
    name: 'image',
    layout: 'NHWC' as 'NCHW' | 'NHWC',
    width: 4,
    height: 4,
    colour: 'rgb' as 'rgb' | 'bgr',
    resize: 'stretch' as const,
    cropFraction: 1,
    kernel: 'linear' as const,
    mean: [100, 100, 100],
    std: [1, 1, 1],
  },
  output: { name: 'embedding', dimensions: 3, normalise: 'l2' as 'l2' | 'none' },
}

/** Writes a bundle below `models`; returns its folder. */
export async function writeBundle(
  models: string,
  onnx: Uint8Array,
  description: typeof tinyDescription = tinyDescription,
): Promise<string> {
  const folder = join(models, description.name)
  await mkdir(folder, { recursive: true })
  const sha256 = description.sha256 || createHash('sha256').update(onnx).digest('hex')
  await writeFile(join(folder, 'model.onnx'), onnx)
  await writeFile(join(folder, 'model.json'), JSON.stringify({ ...description, sha256 }))
  return folder
}

/** Pixels of one colour for the tiny model. */
export function flat(...[red, green, blue]: readonly [number, number, number]): Uint8Array {
  return Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) => [red, green, blue][i % 3]!)
}
