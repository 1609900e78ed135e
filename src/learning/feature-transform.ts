import type { RowMatrix, RowProducts } from '../vector/row-matrix.ts'
import { applyLayers, applyLayersBy, type LearntLayers } from './learnt-layers.ts'

/**
 * From unit features of the backbone to the unit vector that is searched. `joined` is the features
 * times sqrt(1 - share) beside the head's unit vectors times sqrt(share), so that its cosines are
 * the mean of both, weighted by 1 - share and share.
 */
export type FeatureTransform =
  | { readonly kind: 'backbone' }
  | { readonly kind: 'pca' | 'whitened' | 'head'; readonly layers: LearntLayers }
  | { readonly kind: 'joined'; readonly layers: LearntLayers; readonly share: number }

/** @param features unit rows. @returns unit rows; a row that is 0 after the layers stays so. */
export function transformRows(features: RowMatrix, transform: FeatureTransform): RowMatrix {
  if (transform.kind === 'backbone') return features
  const mapped = applyLayers(features, transform.layers)
  return transform.kind === 'joined' ? joinRows(features, mapped, transform.share) : mapped
}

/** As transformRows, of many rows; but for the order of sums the same. */
export async function transformRowsBy(
  products: RowProducts,
  features: RowMatrix,
  transform: FeatureTransform,
): Promise<RowMatrix> {
  if (transform.kind === 'backbone') return features
  const mapped = await applyLayersBy(products, features, transform.layers)
  return transform.kind === 'joined' ? joinRows(features, mapped, transform.share) : mapped
}

/** Unit rows side by side; see FeatureTransform. */
function joinRows(features: RowMatrix, head: RowMatrix, share: number): RowMatrix {
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
