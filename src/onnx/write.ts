import { toBinary } from '@bufbuild/protobuf'
import { ModelProtoSchema } from 'onnx-buf'
import type { OnnxModel } from './read.ts'

/** The bytes of an ONNX file. */
export function writeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  return toBinary(ModelProtoSchema, model)
}
