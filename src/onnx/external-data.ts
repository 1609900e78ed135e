import { type GraphProto, type TensorProto, TensorProto_DataLocation } from 'onnx-buf'
import { AppError, shown } from '../errors.ts'
import { type OnnxModel, readOnnx, writeOnnx } from './model-file.ts'

/**
 * Names the files that hold weights of the model, in order of use, to be looked for beside the ONNX
 * file.
 * @throws ONNX_INVALID for a path instead of a name, which could lead anywhere.
 */
export function externalFilesOf(model: OnnxModel): readonly string[] {
  return [...new Set(externalTensors(model.graph).map((tensor) => placeOf(tensor).file))]
}

/**
 * Moves weights that lie in other files into the model, so that it is one file.
 * @param files by name, all of them.
 * @throws ONNX_INVALID where a file is missing or too short.
 */
export function withInnerWeights(
  onnx: Uint8Array<ArrayBuffer>,
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Uint8Array<ArrayBuffer> {
  const model = readOnnx(onnx)
  const outside = externalTensors(model.graph)
  if (outside.length === 0) return onnx
  for (const tensor of outside) {
    const { file, offset, length } = placeOf(tensor)
    const bytes = files.get(file)
    const end = length === null ? (bytes?.length ?? 0) : offset + length
    if (bytes === undefined || offset > end || end > bytes.length) {
      const got = bytes === undefined ? 'no such file' : `${bytes.length} bytes`
      const wanted = `the weights ${shown(tensor.name)} in ${shown(file)} up to byte ${end}`
      throw invalid(`expected ${wanted}, got ${got}`)
    }
    tensor.rawData = bytes.subarray(offset, end)
    tensor.externalData = []
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT
  }
  return writeOnnx(model)
}

function externalTensors(graph: GraphProto): TensorProto[] {
  const inner = graph.node.flatMap(({ attribute }) =>
    attribute.flatMap(({ t, tensors, g, graphs }) => [
      ...(t === undefined ? [] : [t]),
      ...tensors,
      ...(g === undefined ? [] : externalTensors(g)),
      ...graphs.flatMap(externalTensors),
    ]),
  )
  return [...graph.initializer, ...inner].filter(
    ({ dataLocation }) => dataLocation === TensorProto_DataLocation.EXTERNAL,
  )
}

function placeOf({ name, externalData }: TensorProto) {
  const entry = (key: string) => externalData.find((item) => item.key === key)?.value
  const file = entry('location') ?? ''
  if (!/^[^/\\\0]{1,255}$/.test(file) || file === '.' || file === '..') {
    const wanted = `the weights ${shown(name)} in a file beside the model`
    throw invalid(`expected ${wanted}, got ${shown(file)}`)
  }
  const bytesOf = (text: string) => {
    if (/^\d{1,15}$/.test(text)) return Number(text)
    throw invalid(`expected the place of the weights ${shown(name)} in bytes, got ${shown(text)}`)
  }
  const length = entry('length')
  const offset = bytesOf(entry('offset') ?? '0')
  return { file, offset, length: length === undefined ? null : bytesOf(length) }
}

function invalid(message: string): AppError {
  return new AppError('ONNX_INVALID', message)
}
