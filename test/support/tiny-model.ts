import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { create } from '@bufbuild/protobuf'
import {
  ModelProtoSchema,
  type NodeProto,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from 'onnx-buf'
import { type OnnxModel, readOnnx, writeOnnx } from '../../src/onnx/model-file.ts'
import { floatTensor, int64Tensor, node, valueInfo } from '../../src/onnx/parts.ts'

const { FLOAT } = TensorProto_DataType

export interface TinyModelOptions {
  readonly layout?: 'NCHW' | 'NHWC'
  readonly batch?: number | string
  readonly size?: number | { readonly width: number; readonly height: number }
  readonly inputName?: string
  readonly outputName?: string
  readonly outputDims?: readonly (number | string)[]
  /** Steps after the mean of each channel: `mean` in, `embedding` out. */
  readonly tail?: readonly NodeProto[]
  readonly initialisers?: readonly TensorProto[]
}

/** A model whose embedding is the square root of the mean of each channel of its input. */
export function tinyModel(options: TinyModelOptions = {}): Uint8Array<ArrayBuffer> {
  const { layout = 'NHWC', batch = 'n', size = 4 } = options
  const { inputName = 'image', outputName = 'embedding' } = options
  const { width, height } = typeof size === 'number' ? { width: size, height: size } : size
  const dims = layout === 'NHWC' ? [batch, height, width, 3] : [batch, 3, height, width]
  const axes = layout === 'NHWC' ? [1n, 2n] : [2n, 3n]
  const tail = options.tail ?? [node('Sqrt', ['mean'], [outputName])]
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 13n }],
    graph: {
      name: 'tiny',
      node: [node('ReduceMean', [inputName], ['mean'], { axes, keepdims: 0n }), ...tail],
      initializer: [...(options.initialisers ?? [])],
      input: [valueInfo(inputName, FLOAT, dims)],
      output: [valueInfo(outputName, FLOAT, options.outputDims ?? [batch, 3])],
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

/**
 * A model of tokens, as transformers export them: `pixel_values` in planes, and for each pixel a token
 * of its three values, row by row, after a class token of the roots of the means.
 */
export function tokenModel(side: number): Uint8Array<ArrayBuffer> {
  return tinyModel({
    layout: 'NCHW',
    size: side,
    inputName: 'pixel_values',
    outputName: 'last_hidden_state',
    outputDims: ['n', side * side + 1, 3],
    tail: [
      node('Sqrt', ['mean'], ['root']),
      node('Reshape', ['root', 'one token'], ['class token']),
      node('Reshape', ['pixel_values', 'planes'], ['flat planes']),
      node('Transpose', ['flat planes'], ['pixels'], { perm: [0n, 2n, 1n] }),
      node('Concat', ['class token', 'pixels'], ['last_hidden_state'], { axis: 1n }),
    ],
    initialisers: [
      int64Tensor('one token', [3], [-1, 1, 3]),
      int64Tensor('planes', [3], [0, 3, -1]),
    ],
  })
}

/** A model whose weights lie in another file, behind 64 other bytes; and the same in one piece. */
export function externalModel(location = 'model.onnx_data') {
  const weights = floatTensor('weights', [3], [2, -3, 0.5])
  const inside = tinyModel({
    tail: [node('Mul', ['mean', 'weights'], ['embedding'])],
    initialisers: [weights],
  })
  const model = readOnnx(inside)
  const [tensor] = model.graph.initializer
  const entries = { location, offset: '64', length: '12' }
  tensor!.rawData = new Uint8Array()
  tensor!.dataLocation = TensorProto_DataLocation.EXTERNAL
  tensor!.externalData = Object.entries(entries).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  )
  const data = new Uint8Array(76)
  data.set(weights.rawData, 64)
  return { onnx: writeOnnx(model), inside, files: new Map([[location, data]]) }
}

interface TinyOutput {
  readonly name: string
  readonly dimensions: number
  readonly minDimensions?: number
  readonly normalise: 'l2' | 'none'
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
  output: {
    name: 'embedding',
    dimensions: 3,
    normalise: 'l2' as 'l2' | 'none',
  } as TinyOutput,
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
