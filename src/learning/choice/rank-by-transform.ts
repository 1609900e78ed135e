import type { ClassSums } from '../../evaluation/class-sums.ts'
import { productDistances } from '../../evaluation/distances.ts'
import { rankLabelled } from '../../evaluation/rank-labelled.ts'
import type { Measures } from '../../evaluation/rank-measures.ts'
import type { RowMatrix, RowProducts } from '../../vector/row-matrix.ts'
import type { ClassedFeatures } from '../classed-features.ts'
import { type FeatureTransform, transformManyRows } from '../feature-transform.ts'

/** The vectors that a transform gives some images, and how well each finds its class. */
export interface TransformRanking {
  readonly vectors: RowMatrix
  /** MAP@R of each query, by its row. */
  readonly scores: ReadonlyMap<number, number>
  readonly sums: ClassSums
}

/** Searches, with every image that has another of its class, among all the other images. */
export async function rankByTransform(
  { features, numbers }: ClassedFeatures,
  transform: FeatureTransform,
  products: RowProducts,
): Promise<TransformRanking> {
  const vectors = await transformManyRows(features, transform, products)
  const scores = new Map<number, number>()
  const onQuery = (query: number, measures: Measures) => scores.set(query, measures.mapAtR)
  const sums = await rankLabelled(productDistances(vectors, products), numbers, { onQuery })
  return { vectors, scores, sums }
}
