import type { GraphBuilder, Value } from '../onnx/autodiff/graph-builder.ts'
import type { Parameter } from '../onnx/autodiff/optimiser.ts'

export interface ParameterOptions {
  /** Of the learning rate, unless the caller says otherwise at a step. */
  readonly multiplier?: number
  readonly decays?: boolean
}

export interface DeclaredParameter extends Parameter {
  readonly multiplier: number
}

/** The parameters of one training graph, in the order of declaring. */
export class ParameterSet {
  readonly all: DeclaredParameter[] = []
  readonly #graph: GraphBuilder

  constructor(graph: GraphBuilder) {
    this.#graph = graph
  }

  declare(
    name: string,
    dims: readonly number[],
    initial: Float32Array,
    { multiplier = 1, decays = true }: ParameterOptions = {},
  ): Value {
    const value = this.#graph.input(name, dims)
    this.all.push({ name, value, initial, multiplier, decays })
    return value
  }
}
