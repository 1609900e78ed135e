import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { add, atLeast, matmul } from '../../onnx/autodiff/primitives.ts'
import { type HeadLayer, headGraph } from '../../onnx/head-graph.ts'
import { gaussian, type Random } from '../../vector/random.ts'
import type { Affine, LearntLayers } from '../feature-transform.ts'
import type { TrainingGraphOptions } from './graph-options.ts'
import type { ParameterSet } from './parameters.ts'

/** Names of the head's parameters: weights are [inputs, outputs], biases [outputs]. */
export const HEAD_PARAMETERS = {
  hiddenWeight: 'head/hidden weight',
  hiddenBias: 'head/hidden bias',
  weight: 'head/weight',
  bias: 'head/bias',
} as const

export type EmbeddingGraphOptions = Pick<
  TrainingGraphOptions,
  'head' | 'inputDimensions' | 'dimensions' | 'learners'
>

/** Lists the layers, the hidden one first where there is one. */
function headLayers({ head, inputDimensions, dimensions }: EmbeddingGraphOptions): HeadLayer[] {
  const { hiddenWeight, hiddenBias, weight, bias } = HEAD_PARAMETERS
  const width = head.kind === 'linear' ? inputDimensions : head.hidden
  const hidden = { weight: hiddenWeight, bias: hiddenBias, inputs: inputDimensions, outputs: width }
  const last = { weight, bias, inputs: width, outputs: dimensions, relu: false }
  return head.kind === 'linear' ? [last] : [{ ...hidden, relu: true }, last]
}

function slicesOf({ learners }: EmbeddingGraphOptions): number {
  return learners?.kind === 'slices' ? learners.count : 1
}

/**
 * Builds the graph of what training makes, features in, unit vectors out: with fixed slices the unit
 * slices side by side, with learnt masks the head without any, as the official codes test.
 * @param values the trained parameters, as the session reads them; null for a graph that takes them
 * as inputs, which the session runs on its current ones.
 */
export function buildEmbeddingGraph(
  options: EmbeddingGraphOptions,
  values: Readonly<Record<string, Float32Array>> | null,
): Uint8Array<ArrayBuffer> {
  return headGraph({ layers: headLayers(options), slices: slicesOf(options), values })
}

/** Lists the names of the parameters that `layersOf` needs. */
export function layerParameters(options: EmbeddingGraphOptions): string[] {
  return headLayers(options).flatMap(({ weight, bias }) => [weight, bias])
}

/** Takes the trained head out of the parameters, to be applied without a session. */
export function layersOf(
  options: EmbeddingGraphOptions,
  values: Readonly<Record<string, Float32Array>>,
): LearntLayers {
  const affines = headLayers(options).map(({ weight, bias, inputs, outputs }): Affine => {
    return { inputs, outputs, weight: values[weight]!, bias: values[bias]! }
  })
  const last = affines.pop()!
  return { hidden: affines[0] ?? null, last, slices: slicesOf(options) }
}

export interface HeadValues {
  /** The layer before the last: after relu, or the features of a linear head. */
  readonly hidden: Value
  /** [n, d], not normalised. */
  readonly output: Value
}

/** Emits the head; each fixed slice of the output is initialised as a layer of its own. */
export function emitHead(
  features: Value,
  options: EmbeddingGraphOptions,
  parameters: ParameterSet,
  random: Random,
): HeadValues {
  let [hidden, output] = [features, features]
  for (const { weight, bias, inputs, outputs, relu } of headLayers(options)) {
    const initial = relu
      ? he(random, inputs, outputs)
      : xavier(random, inputs, outputs, outputs / slicesOf(options))
    const w = parameters.declare(weight, [inputs, outputs], initial)
    const b = parameters.declare(bias, [outputs], new Float32Array(outputs), { decays: false })
    output = add(matmul(hidden, w), b)
    if (relu) hidden = atLeast(output, 0)
  }
  return { hidden, output }
}

/** Draws the weights before relu, which halves the variance (He et al. 2015). */
function he(random: Random, inputs: number, outputs: number): Float32Array {
  const scale = Math.sqrt(2 / inputs)
  return Float32Array.from({ length: inputs * outputs }, () => scale * gaussian(random))
}

/** Draws uniform weights (Glorot and Bengio 2010). */
function xavier(random: Random, inputs: number, outputs: number, fanOut: number): Float32Array {
  const bound = Math.sqrt(6 / (inputs + fanOut))
  return Float32Array.from({ length: inputs * outputs }, () => (2 * random() - 1) * bound)
}
