import { detach } from '../../onnx/autodiff/choices.ts'
import { meanWhere, squaredDistances } from '../../onnx/autodiff/formulas.ts'
import type { Value } from '../../onnx/autodiff/graph-builder.ts'
import { add, atLeast, div, exp, mul, sum } from '../../onnx/autodiff/primitives.ts'
import { trainingInvalid } from '../training-invalid.ts'

/** The least bandwidth, which batches have whose images are all the same. */
const BANDWIDTH_FLOOR = 1e-6

type ByLayer = readonly [hidden: number, embedding: number, classes: number]

/**
 * The options of the joint representation similarity regulariser (Chu et al., ICML 2020), with the
 * defaults of the official code.
 */
export const JRD_DEFAULTS = {
  /** The paper's alpha. */
  weight: 1,
  /** The number of Gaussians of each layer. */
  kernels: [3, 3, 1] as ByLayer,
  /** The ratio of the bandwidths of neighbouring Gaussians. */
  ratios: [2, 2, 2] as ByLayer,
}

export type JrdOptions = Readonly<typeof JRD_DEFAULTS>

/** @throws TRAINING_INVALID for values out of range. */
export function resolveJrd(options: Partial<JrdOptions>): JrdOptions {
  const resolved = { ...JRD_DEFAULTS, ...options }
  const { weight, kernels, ratios } = resolved
  const fits =
    Number.isFinite(weight) &&
    weight >= 0 &&
    kernels.length === 3 &&
    kernels.every((number) => Number.isInteger(number) && number >= 1 && number <= 16) &&
    ratios.length === 3 &&
    ratios.every((ratio) => Number.isFinite(ratio) && ratio > 1)
  if (!fits) {
    throw trainingInvalid(
      'a JRD weight of at least 0, three kernel counts of 1 to 16 and three ratios above 1',
      JSON.stringify(resolved),
    )
  }
  return resolved
}

/**
 * Computes the mean, over ordered pairs of two classes, of the product of the layers' kernels: an
 * inner product of cross-covariance operators. Pairs of one class are left alone, on purpose.
 *
 * @param layers [n, ?] each: hidden (or the features before dropout), unit embedding, cosines to the classes
 * before margin and scale.
 * @param negatives [n, n] bool.
 */
export function jrdLoss(
  layers: readonly [Value, Value, Value],
  negatives: Value,
  { kernels, ratios }: JrdOptions,
): Value {
  const [hidden, embedding, classes] = layers.map((layer, i) =>
    kernelOf(layer, kernels[i]!, ratios[i]!),
  )
  return meanWhere(mul(mul(hidden!, embedding!), classes!), negatives)
}

/**
 * Computes (1/count) sum over i < count of e^(-D^2 / (b ratio^i)), where b is the mean squared
 * distance of two images by ratio^floor(count/2), constant to the gradient as in the official code.
 */
function kernelOf(layer: Value, count: number, ratio: number): Value {
  const n = layer.dims[0]!
  const squared = squaredDistances(layer)
  const spread = detach(mul(sum(squared), 1 / Math.max(1, n * n - n)))
  const bandwidth = atLeast(mul(spread, ratio ** -Math.floor(count / 2)), BANDWIDTH_FLOOR)
  const gaussians = Array.from({ length: count }, (_, i) =>
    exp(mul(div(squared, mul(bandwidth, ratio ** i)), -1)),
  )
  return mul(gaussians.reduce(add), 1 / count)
}
