import type { GraphProto, TensorProto } from 'onnx-buf'
import { type AttributeValue, int64Tensor, node } from './parts.ts'

/** Puts layers into a graph one behind the other: each takes what the one before gives. */
export class LayerChain {
  readonly #graph: GraphProto
  readonly #prefix: string
  /** The name of what the last layer gives. */
  last: string

  /**
   * @param first the name of what the first layer takes.
   * @param prefix stands before the names of all that the chain makes.
   */
  constructor(graph: GraphProto, first: string, prefix = '') {
    this.#graph = graph
    this.#prefix = prefix
    this.last = first
  }

  /**
   * @param name of what the layer gives, without the prefix.
   * @param further what it takes beside the output of the layer before: whole names, or initialisers
   * whose names get the prefix.
   */
  add(
    opType: string,
    name: string,
    attributes: Readonly<Record<string, AttributeValue>> = {},
    further: readonly (string | TensorProto)[] = [],
  ): void {
    const inputs = further.map((input) => {
      if (typeof input === 'string') return input
      input.name = `${this.#prefix}${input.name}`
      this.#graph.initializer.push(input)
      return input.name
    })
    const output = `${this.#prefix}${name}`
    this.#graph.node.push(node(opType, [this.last, ...inputs], [output], attributes))
    this.last = output
  }

  /** Makes each row unit; a row of zeros stays one. */
  addUnit(name: string): void {
    this.add('LpNormalization', name, { axis: 1n, p: 2n })
  }

  /** Makes contiguous parts of each row unit. */
  addUnitSlices(slices: number, width: number): void {
    const sliced = int64Tensor('sliced shape', [3], [0, slices, width / slices])
    this.add('Reshape', 'sliced', {}, [sliced])
    this.add('LpNormalization', 'unit slices', { axis: 2n, p: 2n })
    this.add('Reshape', 'whole', {}, [int64Tensor('whole shape', [2], [0, width])])
  }
}
