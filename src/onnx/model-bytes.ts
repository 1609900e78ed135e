import { create } from '@bufbuild/protobuf'
import { type GraphProto, ModelProtoSchema } from 'onnx-buf'
import type { OnnxModel } from './read.ts'
import { writeOnnx } from './write.ts'

/** ReduceMax takes its axes as attribute up to this version, ReduceSum as input from 13 on. */
const OPSET = 17n
const IR_VERSION = 8n

/** The bytes of an ONNX file with this graph, of our own making. */
export function modelBytes(graph: GraphProto): Uint8Array<ArrayBuffer> {
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    graph,
  })
  return writeOnnx(model as OnnxModel)
}
