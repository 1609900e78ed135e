import { create } from '@bufbuild/protobuf'
import {
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType,
} from 'onnx-buf'
import {
  type AttributeValue,
  doubleTensor,
  floatTensor,
  int64Tensor,
  node,
  valueInfo,
} from '../parts.ts'

/** `float` is what the builder's precision says; gradients flow through it alone. */
export type ValueType = 'float' | 'bool' | 'int64'

/** Maps the gradient of a value to its share of one parent's gradient. */
export type Pullback = (gradient: Value) => Value

/** A tensor of the graph: what a node, an input or a constant gives. Shapes are static. */
export interface Value {
  readonly graph: GraphBuilder
  /** Grows in the order of making, so that it sorts values topologically. */
  readonly id: number
  readonly name: string
  readonly type: ValueType
  readonly dims: readonly number[]
  readonly parents: readonly Value[]
  /** One a parent; null where no gradient flows. */
  readonly pullbacks: readonly (Pullback | null)[]
}

/** The parts of a node beside its operator and its dimensions. */
export interface NodeOptions {
  readonly type?: ValueType
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  /** Names of further inputs through which no gradient flows, as the axes of ReduceSum. */
  readonly further?: readonly string[]
  readonly pullbacks?: readonly (Pullback | null)[]
}

/** An input or output of a graph. */
export interface Port {
  readonly name: string
  /** The value in the graph, which has another name in one that is run as a body. */
  readonly value: Value
}

export interface GraphOptions {
  /** float64 is for checks against finite differences: providers are made for float32. */
  readonly precision?: 'float32' | 'float64'
  /** Put before all names, which a body must not share with the graph around it. */
  readonly prefix?: string
}

/**
 * Collects the nodes of one static ONNX graph. Every node carries the scopes that it was made in,
 * so that an error of the runtime names the line of the objective.
 */
export class GraphBuilder {
  readonly precision: 'float32' | 'float64'
  readonly inputs: Port[] = []
  readonly outputs: Port[] = []
  readonly #prefix: string
  readonly #nodes: NodeProto[] = []
  readonly #initialisers = new Map<string, TensorProto>()
  readonly #constants = new Map<string, Value>()
  readonly #scopes: string[] = []
  #values = 0

  constructor({ precision = 'float32', prefix = '' }: GraphOptions = {}) {
    this.precision = precision
    this.#prefix = prefix
  }

  /** Runs `make`; the nodes that it makes are named below `name`. */
  scope<T>(name: string, make: () => T): T {
    this.#scopes.push(name)
    try {
      return make()
    } finally {
      this.#scopes.pop()
    }
  }

  /** The place in the objective where nodes are made now, for messages. */
  get place(): string {
    return this.#scopes.join('/') || 'graph'
  }

  input(name: string, dims: readonly number[], type: ValueType = 'float'): Value {
    const value = this.#value(`${this.#prefix}${name}`, type, dims)
    this.inputs.push({ name, value })
    return value
  }

  /** Gives the constant of these numbers, row-major, which equal ones share. */
  constant(
    values: ArrayLike<number>,
    dims: readonly number[],
    type: 'float' | 'int64' = 'float',
  ): Value {
    const key = `constant/${type}[${dims.join(',')}](${Array.from(values).join(',')})`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const name = `${this.#prefix}constant/${this.#constants.size}${dims.length === 0 ? `: ${values[0]}` : ''}`
    const makeFloat = this.precision === 'float32' ? floatTensor : doubleTensor
    const make = type === 'float' ? makeFloat : int64Tensor
    this.#initialisers.set(name, make(name, dims, values))
    const value = this.#value(name, type, dims)
    this.#constants.set(key, value)
    return value
  }

  scalar(value: number): Value {
    return this.constant([value], [])
  }

  emit(
    opType: string,
    parents: readonly Value[],
    dims: readonly number[],
    options: NodeOptions = {},
  ): Value {
    const { type = 'float', attributes = {}, further = [], pullbacks = [] } = options
    const name = `${this.#prefix}${this.place}/${opType}:${this.#values}`
    const inputs = [...parents.map((parent) => parent.name), ...further]
    this.#nodes.push(node(opType, inputs, [name], attributes))
    return this.#value(name, type, dims, parents, pullbacks)
  }

  /** Gives `value` out of the graph under `name`. */
  output(name: string, value: Value): void {
    const given = { ...value, name: `${this.#prefix}${name}` }
    this.#nodes.push(node('Identity', [value.name], [given.name]))
    this.outputs.push({ name, value: given })
  }

  /** Gives `value` out under its own name, without the copy that another name costs. */
  expose(value: Value): string {
    this.outputs.push({ name: value.name, value })
    return value.name
  }

  /** Gives the graph by itself, with inputs and outputs in the given order. */
  graph(name: string, inputs: readonly Port[], outputs: readonly Port[]): GraphProto {
    const info = ({ value: { name, type, dims } }: Port) =>
      valueInfo(name, this.elementType(type), dims)
    return create(GraphProtoSchema, {
      name,
      node: this.#nodes,
      initializer: [...this.#initialisers.values()],
      input: inputs.map(info),
      output: outputs.map(info),
    })
  }

  /** Makes a node of several outputs, of floats. No gradient flows through it. */
  emitSeveral(
    opType: string,
    parents: readonly Value[],
    dims: readonly (readonly number[])[],
    attributes: Readonly<Record<string, AttributeValue>>,
  ): Value[] {
    const outputs = dims.map((_, i) => `${this.#prefix}${this.place}/${opType}:${this.#values + i}`)
    const inputs = parents.map(({ name }) => name)
    this.#nodes.push(node(opType, inputs, outputs, attributes))
    return outputs.map((name, i) => this.#value(name, 'float', dims[i]!))
  }

  elementType(type: ValueType): TensorProto_DataType {
    const { FLOAT, DOUBLE, BOOL, INT64 } = TensorProto_DataType
    const float = this.precision === 'float32' ? FLOAT : DOUBLE
    return { float, bool: BOOL, int64: INT64 }[type]
  }

  #value(
    name: string,
    type: ValueType,
    dims: readonly number[],
    parents: readonly Value[] = [],
    pullbacks: readonly (Pullback | null)[] = [],
  ): Value {
    this.#values += 1
    return { graph: this, id: this.#values, name, type, dims: [...dims], parents, pullbacks }
  }
}
