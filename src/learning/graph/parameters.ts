import { blockDims } from '../../onnx/autodiff/blocks.ts'
import type { GraphBuilder, Value } from '../../onnx/autodiff/graph-builder.ts'
import type { Parameter } from '../../onnx/autodiff/optimiser.ts'
import { reshape } from '../../onnx/autodiff/primitives.ts'

export interface ParameterOptions {
  /** Of the learning rate, unless the caller says otherwise at a step. */
  readonly multiplier?: number
  readonly decays?: boolean
}

export interface DeclaredParameter extends Parameter {
  /** In its own shape. */
  readonly value: Value
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
    const kept = this.#graph.input(name, blockDims(initial.length))
    const value = reshape(kept, dims)
    this.all.push({ name, kept, value, initial, multiplier, decays })
    return value
  }
}
