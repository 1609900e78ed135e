import { TensorProto_DataType, type ValueInfoProto } from 'onnx-buf'
import { externalFilesOf } from './external-data.ts'
import { readOnnx, standardOpset } from './model-file.ts'
import { declaredTensor, inputsOf } from './parts.ts'

/** An input or output as the graph declares it. */
export interface DeclaredValue {
  readonly name: string
  /** ONNX's name of the element type; null when it is no tensor. */
  readonly type: string | null
  /** Null where symbolic or not given; null as a whole when the rank itself is not given. */
  readonly dims: readonly (number | null)[] | null
}

/** The facts that an ONNX file gives about itself. */
export interface GraphFacts {
  readonly opset: number
  readonly producer: string
  readonly nodes: number
  /** The count of numbers in initialisers, those of 64-bit integers (shapes and axes) left out. */
  readonly parameters: number
  /** Without initialisers, which old files list as inputs too. */
  readonly inputs: readonly DeclaredValue[]
  readonly outputs: readonly DeclaredValue[]
  /** Files that hold weights, beside the ONNX file. */
  readonly externalFiles: readonly string[]
}

/**
 * Reads the facts of an ONNX file.
 * @throws ONNX_INVALID for bytes that are no model, or that name weights in a strange place.
 */
export function graphFacts(bytes: Uint8Array): GraphFacts {
  const model = readOnnx(bytes)
  const { graph } = model
  const parameters = graph.initializer
    .filter(({ dataType }) => dataType !== TensorProto_DataType.INT64)
    .reduce((sum, { dims }) => sum + dims.reduce((size, dim) => size * Number(dim), 1), 0)
  return {
    opset: standardOpset(model),
    producer: [model.producerName, model.producerVersion].filter((text) => text !== '').join(' '),
    nodes: graph.node.length,
    parameters,
    inputs: inputsOf(graph).map(declaredValue),
    outputs: graph.output.map(declaredValue),
    externalFiles: externalFilesOf(model),
  }
}

function declaredValue(info: ValueInfoProto): DeclaredValue {
  const tensor = declaredTensor(info)
  const type = tensor === null ? null : (TensorProto_DataType[tensor.elemType] ?? null)
  return { name: info.name, type, dims: tensor?.dims ?? null }
}
