import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { add, atLeast, matmul } from '../../onnx/autodiff/primitives.ts'
import { headGraph } from '../../onnx/head-graph.ts'
import { gaussian, type Random } from '../../vector/random.ts'
import type { LearnersOptions } from '../divide/learners.ts'
import type { Affine, LearntLayers } from '../learnt-layers.ts'
import type { ParameterSet } from './parameters.ts'

/** What is trained on the backbone's features: x W + b, or the same on relu(x V + c). */
export type Head = { readonly kind: 'linear' } | { readonly kind: 'mlp'; readonly hidden: number }

/** Names of the head's parameters: weights are [inputs, outputs], biases [outputs]. */
export const HEAD_PARAMETERS = {
  hiddenWeight: 'head/hidden weight',
  hiddenBias: 'head/hidden bias',
  weight: 'head/weight',
  bias: 'head/bias',
} as const

export interface EmbeddingGraphOptions {
  readonly head: Head
  readonly inputDimensions: number
  readonly dimensions: number
  readonly learners?: LearnersOptions | null
}

/**
 * What the training makes, features in, unit vectors out: with fixed slices the unit slices side by
 * side, with learnt masks the head without any, as the official codes test.
 * @param values the trained parameters, as the session reads them; null for a graph that takes them
 * as inputs, which the session runs on its current ones.
 */
export function buildEmbeddingGraph(
  { head, inputDimensions, dimensions, learners }: EmbeddingGraphOptions,
  values: Readonly<Record<string, Float32Array>> | null,
): Uint8Array<ArrayBuffer> {
  const { hiddenWeight, hiddenBias, weight, bias } = HEAD_PARAMETERS
  const width = head.kind === 'linear' ? inputDimensions : head.hidden
  const last = { weight, bias, inputs: width, outputs: dimensions, relu: false }
  const hidden = { weight: hiddenWeight, bias: hiddenBias, inputs: inputDimensions, outputs: width }
  return headGraph({
    layers: head.kind === 'linear' ? [last] : [{ ...hidden, relu: true }, last],
    slices: learners?.kind === 'slices' ? learners.count : 1,
    values,
  })
}

/** Names of what `layersOf` needs. */
export function layerParameters({ kind }: Head): string[] {
  const { hiddenWeight, hiddenBias, weight, bias } = HEAD_PARAMETERS
  return kind === 'linear' ? [weight, bias] : [hiddenWeight, hiddenBias, weight, bias]
}

/** The trained head, to be applied without a session. */
export function layersOf(
  { head, inputDimensions, dimensions, learners }: EmbeddingGraphOptions,
  values: Readonly<Record<string, Float32Array>>,
): LearntLayers {
  const { hiddenWeight, hiddenBias, weight, bias } = HEAD_PARAMETERS
  const affine = (w: string, b: string, inputs: number, outputs: number): Affine => {
    return { inputs, outputs, weight: values[w]!, bias: values[b]! }
  }
  const width = head.kind === 'linear' ? inputDimensions : head.hidden
  return {
    hidden:
      head.kind === 'linear' ? null : affine(hiddenWeight, hiddenBias, inputDimensions, width),
    last: affine(weight, bias, width, dimensions),
    slices: learners?.kind === 'slices' ? learners.count : 1,
  }
}

export interface HeadValues {
  /** The layer before the last: after relu, or the features of a linear head. */
  readonly hidden: Value
  /** [n, d], not normalised. */
  readonly output: Value
}

/** @param slices contiguous parts of the output that are initialised each as a layer of its own. */
export function emitHead(
  features: Value,
  head: Head,
  dimensions: number,
  parameters: ParameterSet,
  random: Random,
  slices: number,
): HeadValues {
  const inputs = features.dims[1]!
  const hidden =
    head.kind === 'linear' ? features : hiddenLayer(features, head.hidden, parameters, random)
  const width = head.kind === 'linear' ? inputs : head.hidden
  const weight = parameters.declare(
    HEAD_PARAMETERS.weight,
    [width, dimensions],
    xavier(random, width, dimensions, dimensions / slices),
  )
  const bias = parameters.declare(
    HEAD_PARAMETERS.bias,
    [dimensions],
    new Float32Array(dimensions),
    {
      decays: false,
    },
  )
  return { hidden, output: add(matmul(hidden, weight), bias) }
}

function hiddenLayer(
  features: Value,
  width: number,
  parameters: ParameterSet,
  random: Random,
): Value {
  const inputs = features.dims[1]!
  // He et al. 2015: relu halves the variance.
  const scale = Math.sqrt(2 / inputs)
  const initial = Float32Array.from({ length: inputs * width }, () => scale * gaussian(random))
  const weight = parameters.declare(HEAD_PARAMETERS.hiddenWeight, [inputs, width], initial)
  const bias = parameters.declare(HEAD_PARAMETERS.hiddenBias, [width], new Float32Array(width), {
    decays: false,
  })
  return atLeast(add(matmul(features, weight), bias), 0)
}

/** Glorot and Bengio 2010, uniform. */
function xavier(random: Random, inputs: number, outputs: number, fanOut: number): Float32Array {
  const bound = Math.sqrt(6 / (inputs + fanOut))
  return Float32Array.from({ length: inputs * outputs }, () => (2 * random() - 1) * bound)
}
