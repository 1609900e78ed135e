import { create } from '@bufbuild/protobuf'
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf'

/** Integer attributes only take `bigint` and lists of it; a `number` is a float attribute. */
export type AttributeValue = bigint | number | readonly bigint[] | GraphProto

/** A node of the standard operator set, named for its first output. */
export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name: output[0] ?? '',
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([name, value]) => {
      if (typeof value === 'bigint') {
        const type = AttributeProto_AttributeType.INT
        return create(AttributeProtoSchema, { name, type, i: value })
      }
      if (typeof value === 'number') {
        const type = AttributeProto_AttributeType.FLOAT
        return create(AttributeProtoSchema, { name, type, f: value })
      }
      if ('node' in value) {
        const type = AttributeProto_AttributeType.GRAPH
        return create(AttributeProtoSchema, { name, type, g: value })
      }
      const type = AttributeProto_AttributeType.INTS
      return create(AttributeProtoSchema, { name, type, ints: [...value] })
    }),
  })
}

/** A float32 initialiser, row-major. */
export function floatTensor(
  name: string,
  dims: readonly number[],
  values: ArrayLike<number>,
): TensorProto {
  const rawData = new Uint8Array(values.length * 4)
  const view = new DataView(rawData.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i]!, true)
  return tensor(name, TensorProto_DataType.FLOAT, dims, rawData)
}

/** A float64 initialiser, row-major. */
export function doubleTensor(
  name: string,
  dims: readonly number[],
  values: ArrayLike<number>,
): TensorProto {
  const rawData = new Uint8Array(values.length * 8)
  const view = new DataView(rawData.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat64(i * 8, values[i]!, true)
  return tensor(name, TensorProto_DataType.DOUBLE, dims, rawData)
}

/** An int64 initialiser, row-major. */
export function int64Tensor(
  name: string,
  dims: readonly number[],
  values: ArrayLike<number>,
): TensorProto {
  const rawData = new Uint8Array(values.length * 8)
  const view = new DataView(rawData.buffer)
  for (let i = 0; i < values.length; i++) view.setBigInt64(i * 8, BigInt(values[i]!), true)
  return tensor(name, TensorProto_DataType.INT64, dims, rawData)
}

/** The declaration of a graph's input or output; a string is a symbolic dimension. */
export function valueInfo(
  name: string,
  elemType: TensorProto_DataType,
  dims: readonly (number | string)[],
): ValueInfoProto {
  const dim = dims.map((size) => ({
    value:
      typeof size === 'string'
        ? ({ case: 'dimParam', value: size } as const)
        : ({ case: 'dimValue', value: BigInt(size) } as const),
  }))
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType, shape: { dim } } } },
  })
}

function tensor(
  name: string,
  dataType: TensorProto_DataType,
  dims: readonly number[],
  rawData: Uint8Array<ArrayBuffer>,
): TensorProto {
  return create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData })
}
