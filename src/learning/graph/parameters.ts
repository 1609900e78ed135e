import { blockDims } from '../../onnx/autodiff/blocks.ts'
import type { GraphBuilder, Value } from '../../onnx/autodiff/graph-builder.ts'
import type { Parameter } from '../../onnx/autodiff/optimiser.ts'
import { reshape } from '../../onnx/autodiff/primitives.ts'

interface DeclaredParameter extends Parameter {
  /** The parameter in its own shape. */
  readonly value: Value
  /** A factor of the learning rate. */
  readonly multiplier: number
}

/** Declares the parameters of one training graph and holds them in that order. */
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
    { multiplier = 1, decays = true }: { multiplier?: number; decays?: boolean } = {},
  ): Value {
    const kept = this.#graph.input(name, blockDims(initial.length))
    const value = reshape(kept, dims)
    this.all.push({ name, kept, value, initial, multiplier, decays })
    return value
  }
}
