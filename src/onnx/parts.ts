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

/** Makes a node of the standard operator set, named for its first output. */
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
    attribute: Object.entries(attributes).map(([name, value]) =>
      create(AttributeProtoSchema, { name, ...typedAttribute(value) }),
    ),
  })
}

function typedAttribute(value: AttributeValue) {
  const { INT, FLOAT, GRAPH, INTS } = AttributeProto_AttributeType
  if (typeof value === 'bigint') return { type: INT, i: value }
  if (typeof value === 'number') return { type: FLOAT, f: value }
  if ('node' in value) return { type: GRAPH, g: value }
  return { type: INTS, ints: [...value] }
}

/** Makes an initialiser, row-major. */
type MakeTensor = (name: string, dims: readonly number[], values: ArrayLike<number>) => TensorProto

export const floatTensor: MakeTensor = (name, dims, values) =>
  tensor(name, TensorProto_DataType.FLOAT, dims, Float32Array.from(values))

export const doubleTensor: MakeTensor = (name, dims, values) =>
  tensor(name, TensorProto_DataType.DOUBLE, dims, Float64Array.from(values))

export const int64Tensor: MakeTensor = (name, dims, values) =>
  tensor(name, TensorProto_DataType.INT64, dims, BigInt64Array.from(values, BigInt))

function tensor(
  name: string,
  dataType: TensorProto_DataType,
  dims: readonly number[],
  values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>,
): TensorProto {
  const size = dims.reduce((product, length) => product * length, 1)
  if (values.length !== size) {
    throw new RangeError(`expected ${size} numbers for ${name} [${dims}], got ${values.length}`)
  }
  // ONNX wants little-endian bytes, as every processor has that onnxruntime-node is built for.
  const rawData = new Uint8Array(values.buffer)
  return create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt), rawData })
}

/** Declares an input or output of a graph; a string is a symbolic dimension. */
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

/** A declared tensor: its element type, and its dimensions (null where symbolic or not given). */
export interface DeclaredTensor {
  readonly elemType: number
  /** Null when the rank itself is not given. */
  readonly dims: readonly (number | null)[] | null
}

/** Reads how a graph declares an input or output; null when it is no tensor. */
export function declaredTensor(info: ValueInfoProto): DeclaredTensor | null {
  if (info.type?.value.case !== 'tensorType') return null
  const { elemType, shape } = info.type.value.value
  const dims = shape?.dim.map(({ value }) => {
    // Exporters write -1 and 0 for "any".
    return value.case === 'dimValue' && value.value > 0n ? Number(value.value) : null
  })
  return { elemType, dims: dims ?? null }
}

/** Lists the inputs without initialisers, which files before IR version 4 list too. */
export function inputsOf({ initializer, input }: GraphProto): ValueInfoProto[] {
  const initialised = new Set(initializer.map(({ name }) => name))
  return input.filter(({ name }) => !initialised.has(name))
}

/** Finds a prefix that no name in the graph has, also where layers of that stem were added before. */
export function freePrefix(graph: GraphProto, stem: string): string {
  const taken = [
    ...graph.node.flatMap(({ input, output }) => [...input, ...output]),
    ...graph.initializer.map(({ name }) => name),
    ...graph.input.map(({ name }) => name),
  ]
  for (let i = 0; ; i++) {
    const prefix = i === 0 ? `${stem}/` : `${stem}${i}/`
    if (!taken.some((name) => name.startsWith(prefix))) return prefix
  }
}
