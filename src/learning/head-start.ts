import type { ClassNumbers } from '../evaluation/class-numbers.ts'
import { choleskyFactor, invertLower } from '../vector/cholesky.ts'
import {
  covariance,
  type PrincipalComponents,
  principalComponents,
} from '../vector/principal-components.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import type { ClassedFeatures } from './classed-features.ts'
import { type Affine, mapRows } from './learnt-layers.ts'

/** What a linear head is before its first step; see the functions below. */
export const HEAD_STARTS = ['whitened', 'pca', 'identity'] as const
export type HeadStart = (typeof HEAD_STARTS)[number]
/** A head with a hidden layer starts by chance. */
export type StartName = HeadStart | 'chance'

/** Added to the variance within classes, as a share of its mean over all directions. */
const RIDGE = 1

/**
 * All starts at once.
 * @param outputs of `pca` and `whitened`; an identity has as many as the features.
 */
export function startAffines(
  { features, numbers }: ClassedFeatures,
  outputs: number,
): Readonly<Record<HeadStart, Affine> & { readonly chance: null }> {
  return {
    whitened: whitenedAffine(features, numbers, outputs),
    pca: principalAffine(features, outputs),
    identity: identityAffine(features.dimensions),
    chance: null,
  }
}

/** The projection on the first `outputs` principal components of `rows`, from their mean. */
export function principalAffine(rows: RowMatrix, outputs: number): Affine {
  return affineOf(principalComponents(rows, outputs))
}

/**
 * Directions in which images of one class differ count less: within-class covariance normalisation
 * (Hatch, Kajarekar and Stolcke, Interspeech 2006) with a ridge, then the first `outputs` principal
 * components of what that gives. Of the overall size of a projection, so that a learning rate means
 * the same for both.
 *
 * Where all images of each class are equal nothing differs, and it is the PCA.
 */
export function whitenedAffine(
  rows: RowMatrix,
  { classes, sizes }: ClassNumbers,
  outputs: number,
): Affine {
  const { dimensions } = rows
  const within = covariance(fromClassMeans(rows, classes, sizes), new Float64Array(dimensions))
  let trace = 0
  for (let i = 0; i < dimensions; i++) trace += within[i * dimensions + i]!
  if (!(trace > 0)) return principalAffine(rows, outputs)
  for (let i = 0; i < dimensions; i++) within[i * dimensions + i]! += (RIDGE * trace) / dimensions
  const inverse = invertLower(choleskyFactor(within, dimensions), dimensions)
  const whitening = {
    ...{ inputs: dimensions, outputs: dimensions },
    weight: transposed(inverse, dimensions),
    bias: new Float32Array(dimensions),
  }
  const components = affineOf(principalComponents(mapRows(rows, whitening), outputs))
  return scaled(composed(whitening, components))
}

/** x as it is. */
export function identityAffine(size: number): Affine {
  const weight = new Float32Array(size * size)
  for (let i = 0; i < size; i++) weight[i * size + i] = 1
  return { inputs: size, outputs: size, weight, bias: new Float32Array(size) }
}

function affineOf({ mean, directions, variances }: PrincipalComponents): Affine {
  const [inputs, outputs] = [mean.length, variances.length]
  const weight = new Float32Array(inputs * outputs)
  const bias = new Float32Array(outputs)
  for (let j = 0; j < outputs; j++) {
    let centre = 0
    for (let i = 0; i < inputs; i++) {
      const direction = directions[j * inputs + i]!
      weight[i * outputs + j] = direction
      centre += direction * mean[i]!
    }
    bias[j] = -centre
  }
  return { inputs, outputs, weight, bias }
}

/** Each row minus the mean of its class. */
function fromClassMeans(
  { values, count, dimensions }: RowMatrix,
  classes: Int32Array,
  sizes: readonly number[],
): RowMatrix {
  const means = new Float64Array(sizes.length * dimensions)
  for (let row = 0; row < count; row++) {
    const to = classes[row]! * dimensions
    const size = sizes[classes[row]!]!
    for (let i = 0; i < dimensions; i++) means[to + i]! += values[row * dimensions + i]! / size
  }
  const apart = values.map((value, at) => {
    const row = Math.floor(at / dimensions)
    return value - means[classes[row]! * dimensions + (at % dimensions)]!
  })
  return { values: apart, count, dimensions }
}

/** First one, then the other. */
function composed(first: Affine, second: Affine): Affine {
  const rows = { values: first.weight, count: first.inputs, dimensions: first.outputs }
  const bias = new Float32Array(second.outputs)
  return {
    inputs: first.inputs,
    outputs: second.outputs,
    weight: mapRows(rows, { ...second, bias }).values,
    bias: mapRows({ values: first.bias, count: 1, dimensions: first.outputs }, second).values,
  }
}

/** Its weights have the length of as many orthonormal columns. */
function scaled({ inputs, outputs, weight, bias }: Affine): Affine {
  let squared = 0
  for (const value of weight) squared += value * value
  const scale = Math.sqrt(Math.min(inputs, outputs) / squared)
  return {
    ...{ inputs, outputs },
    weight: weight.map((value) => value * scale),
    bias: bias.map((value) => value * scale),
  }
}

function transposed(matrix: Float64Array, size: number): Float32Array {
  const turned = new Float32Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) turned[j * size + i] = matrix[i * size + j]!
  }
  return turned
}
