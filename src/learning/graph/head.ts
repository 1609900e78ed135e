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
function headLayers(options: EmbeddingGraphOptions): HeadLayer[] {
  const { head, inputDimensions: inputs, dimensions: outputs } = options
  const { hiddenWeight, hiddenBias, weight, bias } = HEAD_PARAMETERS
  if (head.kind === 'linear') return [{ weight, bias, inputs, outputs, relu: false }]
  const width = head.hidden
  return [
    { weight: hiddenWeight, bias: hiddenBias, inputs, outputs: width, relu: true },
    { weight, bias, inputs: width, outputs, relu: false },
  ]
}

function slicesOf({ learners }: EmbeddingGraphOptions): number {
  return learners?.kind === 'slices' ? learners.count : 1
}

/**
 * Builds the graph of what training makes, features in, unit vectors out: with fixed slices the
 * unit slices side by side, with learnt masks the head without any, as the official codes test.
 * @param values the trained parameters, as the session reads them; null for a graph that takes them
 * as inputs, which the session runs on its current ones.
 */
export function buildEmbeddingGraph(
  options: EmbeddingGraphOptions,
  values: Readonly<Record<string, Float32Array>> | null,
): Uint8Array<ArrayBuffer> {
  return headGraph({ layers: headLayers(options), slices: slicesOf(options), values })
}

/** Reads the trained head, to be applied without a session. */
export async function readLayers(
  options: EmbeddingGraphOptions,
  read: (names: readonly string[]) => Promise<Readonly<Record<string, Float32Array>>>,
): Promise<LearntLayers> {
  const layers = headLayers(options)
  const values = await read(layers.flatMap(({ weight, bias }) => [weight, bias]))
  const affines = layers.map(({ weight, bias, inputs, outputs }): Affine => {
    return { inputs, outputs, weight: values[weight]!, bias: values[bias]! }
  })
  const last = affines.pop()!
  return { hidden: affines[0] ?? null, last, slices: slicesOf(options) }
}

/**
 * Emits the head; each fixed slice of the output is initialised as a layer of its own.
 * @returns the layer before the last, which is after relu, or the features of a linear head; and
 * the output, [n, d], not normalised.
 */
export function emitHead(
  features: Value,
  options: EmbeddingGraphOptions,
  parameters: ParameterSet,
  random: Random,
): { readonly hidden: Value; readonly output: Value } {
  let [hidden, output] = [features, features]
  for (const { weight, bias, inputs, outputs, relu } of headLayers(options)) {
    const initial = relu
      ? kaimingNormal(random, inputs, outputs)
      : xavier(random, inputs, outputs, outputs / slicesOf(options))
    const w = parameters.declare(weight, [inputs, outputs], initial)
    const b = parameters.declare(bias, [outputs], new Float32Array(outputs), { decays: false })
    output = add(matmul(hidden, w), b)
    if (relu) hidden = atLeast(output, 0)
  }
  return { hidden, output }
}

/** Draws normal weights; before relu, which halves the variance (He et al. 2015). */
export function kaimingNormal(random: Random, inputs: number, outputs: number): Float32Array {
  const scale = Math.sqrt(2 / inputs)
  return Float32Array.from({ length: inputs * outputs }, () => scale * gaussian(random))
}

/** Draws uniform weights (Glorot and Bengio 2010). */
function xavier(random: Random, inputs: number, outputs: number, fanOut: number): Float32Array {
  const bound = Math.sqrt(6 / (inputs + fanOut))
  return Float32Array.from({ length: inputs * outputs }, () => (2 * random() - 1) * bound)
}
