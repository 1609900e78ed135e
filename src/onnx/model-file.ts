import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { type GraphProto, type GraphProtoSchema, type ModelProto, ModelProtoSchema } from 'onnx-buf'
import { AppError, messageOf } from '../errors.ts'

/** A parsed ONNX file that certainly has a graph. Fields unknown to us survive writing. */
export type OnnxModel = ModelProto & { graph: GraphProto }

/** ReduceMax takes its axes as attribute up to this version, ReduceSum as input from 13 on. */
const OPSET = 17n
const IR_VERSION = 8n

/**
 * Parses the bytes of an ONNX file.
 * @throws ONNX_INVALID when they are not protobuf, or hold no graph with nodes and operator set.
 */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  let model: ModelProto
  try {
    model = fromBinary(ModelProtoSchema, bytes)
  } catch (cause) {
    const got = `got ${bytes.length} bytes that are not one: ${messageOf(cause)}`
    throw new AppError('ONNX_INVALID', `expected an ONNX file, ${got}`, { cause })
  }
  // Protobuf reads much of any garbage as unknown fields, so success alone proves little.
  const [nodes, opsets] = [model.graph?.node.length ?? 0, model.opsetImport.length]
  if (nodes === 0 || opsets === 0) {
    const got = `got ${nodes} nodes and ${opsets} operator sets in ${bytes.length} bytes`
    const message = `expected an ONNX file with nodes and an operator set, ${got}`
    throw new AppError('ONNX_INVALID', message)
  }
  return model as OnnxModel
}

export function writeOnnx(model: ModelProto): Uint8Array<ArrayBuffer> {
  return toBinary(ModelProtoSchema, model)
}

/** Gives the bytes of an ONNX file with a graph of our own making. */
export function modelBytes(
  graph: MessageInitShape<typeof GraphProtoSchema>,
): Uint8Array<ArrayBuffer> {
  const opsetImport = [{ domain: '', version: OPSET }]
  return writeOnnx(create(ModelProtoSchema, { irVersion: IR_VERSION, opsetImport, graph }))
}

/** Gives the version of the standard operator set, 0 when the model imports none. */
export function standardOpset(model: OnnxModel): number {
  const standard = model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')
  return Number(standard?.version ?? 0n)
}
