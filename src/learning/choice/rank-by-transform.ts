import type { Measures } from '../../evaluation/rank-measures.ts'
import { rankRough } from '../../evaluation/rank-rough.ts'
import { productDistances } from '../../evaluation/rough-distances.ts'
import type { RowProducts } from '../../vector/row-products.ts'
import type { ClassedFeatures } from '../classed-features.ts'
import { type FeatureTransform, transformRowsBy } from '../feature-transform.ts'
import type { Candidate } from './choose-plan.ts'
import type { AskedModel } from './test-examples.ts'

export interface Asked extends AskedModel {
  readonly sums: Candidate['sums']
}

/** Every image with another of its class asks for it among all the others. */
export async function askModel(
  products: RowProducts,
  { features, numbers }: ClassedFeatures,
  transform: FeatureTransform,
): Promise<Asked> {
  const vectors = await transformRowsBy(products, features, transform)
  const scores = new Map<number, number>()
  const onQuery = (query: number, measures: Measures) => scores.set(query, measures.mapAtR)
  const sums = await rankRough(productDistances(vectors, products), numbers, { onQuery })
  return { vectors, scores, sums }
}
