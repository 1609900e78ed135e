import type { GraphProto } from 'onnx-buf'
import { type AttributeValue, int64Tensor, node } from './parts.ts'

/** Puts layers into a graph one behind the other: each takes what the one before gives. */
export class LayerChain {
  readonly #graph: Pick<GraphProto, 'node' | 'initializer'>
  readonly #prefix: string
  #last: string

  /**
   * @param first the name of what the first layer takes.
   * @param prefix stands before the names of all that the chain makes.
   */
  constructor(graph: Pick<GraphProto, 'node' | 'initializer'>, first: string, prefix = '') {
    this.#graph = graph
    this.#prefix = prefix
    this.#last = first
  }

  /** The name of what the last layer gives. */
  get last(): string {
    return this.#last
  }

  /**
   * @param name of what the layer gives, without the prefix.
   * @param further whole names of what it takes beside the output of the layer before.
   */
  add(
    opType: string,
    name: string,
    attributes: Readonly<Record<string, AttributeValue>> = {},
    further: readonly string[] = [],
  ): void {
    const output = `${this.#prefix}${name}`
    this.#graph.node.push(node(opType, [this.#last, ...further], [output], attributes))
    this.#last = output
  }

  /** Makes each row unit; a row of zeros stays one. */
  addUnit(name: string): void {
    this.add('LpNormalization', name, { axis: 1n, p: 2n })
  }

  /** Makes contiguous parts of each row unit. */
  addUnitSlices(slices: number, width: number): void {
    const [sliced, whole] = [`${this.#prefix}sliced shape`, `${this.#prefix}whole shape`]
    this.#graph.initializer.push(
      int64Tensor(sliced, [3], [0, slices, width / slices]),
      int64Tensor(whole, [2], [0, width]),
    )
    this.add('Reshape', 'sliced', {}, [sliced])
    this.add('LpNormalization', 'unit slices', { axis: 2n, p: 2n })
    this.add('Reshape', 'whole', {}, [whole])
  }
}
