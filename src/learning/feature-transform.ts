import { type PrincipalComponents, principalComponents } from '../vector/principal-components.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'

/** x W + b. */
export interface Affine {
  readonly inputs: number
  readonly outputs: number
  /** [inputs, outputs]. */
  readonly weight: Float32Array
  readonly bias: Float32Array
}

/**
 * From unit features of the backbone to the unit vector that is searched. `joined` is the features
 * times sqrt(1 - share) beside the head's unit vectors times sqrt(share), so that its cosines are
 * the mean of both, weighted by 1 - share and share.
 */
export type FeatureTransform =
  | { readonly kind: 'backbone' }
  | { readonly kind: 'pca' | 'head'; readonly affine: Affine }
  | { readonly kind: 'joined'; readonly affine: Affine; readonly share: number }

/** @param features unit rows. @returns unit rows; a row that is 0 after the affine map stays so. */
export function transformRows(features: RowMatrix, transform: FeatureTransform): RowMatrix {
  if (transform.kind === 'backbone') return features
  const mapped = unitRows(mapRows(features, transform.affine))
  return transform.kind === 'joined' ? joinRows(features, mapped, transform.share) : mapped
}

/** Unit rows side by side; see FeatureTransform. */
export function joinRows(features: RowMatrix, head: RowMatrix, share: number): RowMatrix {
  const { count } = features
  const dimensions = features.dimensions + head.dimensions
  const values = new Float32Array(count * dimensions)
  const [ofFeatures, ofHead] = [Math.sqrt(1 - share), Math.sqrt(share)]
  for (let row = 0; row < count; row++) {
    const to = row * dimensions
    for (let i = 0; i < features.dimensions; i++) {
      values[to + i] = ofFeatures * features.values[row * features.dimensions + i]!
    }
    for (let i = 0; i < head.dimensions; i++) {
      values[to + features.dimensions + i] = ofHead * head.values[row * head.dimensions + i]!
    }
  }
  return { values, count, dimensions }
}

/** The projection on the first `outputs` principal components of `rows`, from their mean. */
export function principalAffine(rows: RowMatrix, outputs: number): Affine {
  const { mean, directions }: PrincipalComponents = principalComponents(rows, outputs)
  const inputs = rows.dimensions
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

function mapRows({ values, count }: RowMatrix, affine: Affine): RowMatrix {
  const { inputs, outputs, weight, bias } = affine
  const mapped = new Float32Array(count * outputs)
  const sums = new Float64Array(outputs)
  for (let row = 0; row < count; row++) {
    sums.set(bias)
    for (let i = 0; i < inputs; i++) {
      const value = values[row * inputs + i]!
      const from = i * outputs
      for (let j = 0; j < outputs; j++) sums[j]! += value * weight[from + j]!
    }
    mapped.set(sums, row * outputs)
  }
  return { values: mapped, count, dimensions: outputs }
}

function unitRows({ values, count, dimensions }: RowMatrix): RowMatrix {
  const unit = new Float32Array(values.length)
  for (let row = 0; row < count; row++) {
    const [from, to] = [row * dimensions, (row + 1) * dimensions]
    let squared = 0
    for (let i = from; i < to; i++) squared += values[i]! ** 2
    const scale = squared > 0 ? 1 / Math.sqrt(squared) : 0
    for (let i = from; i < to; i++) unit[i] = values[i]! * scale
  }
  return { values: unit, count, dimensions }
}
