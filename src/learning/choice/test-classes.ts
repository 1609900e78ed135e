import { averagesOf } from '../../evaluation/averages.ts'
import type { Interval } from '../../evaluation/bootstrap.ts'
import { type Lift, liftOf } from '../../evaluation/lift.ts'
import type { Measures } from '../../evaluation/rank-measures.ts'
import { seededRandom } from '../../vector/random.ts'
import type { RowProducts } from '../../vector/row-products.ts'
import type { ClassedFeatures } from '../classed-features.ts'
import type { FeatureTransform, LearntLayers } from '../feature-transform.ts'
import { rankByTransform, type TransformRanking } from './rank-by-transform.ts'
import { type TestExample, testExamples } from './test-examples.ts'

/** What the transforms reach on the test classes. */
export interface TestResult {
  readonly backbone: Pick<Tested, 'measures' | 'interval'>
  readonly pca: Tested
  readonly head: Tested
  readonly chosen: Tested
  readonly examples: readonly TestExample[]
}

interface Tested {
  readonly measures: Measures
  /** The interval of MAP@R, level .95. */
  readonly interval: Interval
  /** MAP@R over the backbone's, level .95. */
  readonly lift: Lift
}

interface Learnt {
  readonly pca: LearntLayers
  readonly head: LearntLayers
  readonly chosen: FeatureTransform
}

/** @param rows of the test images in the data. */
export async function testClasses(
  test: ClassedFeatures,
  rows: readonly number[],
  { pca, head, chosen }: Learnt,
  seed: number,
  products: RowProducts,
): Promise<TestResult> {
  const rank = (transform: FeatureTransform) => rankByTransform(test, transform, products)
  const backbone = await rank({ kind: 'backbone' })
  const averaged = ({ sums }: TransformRanking) => {
    const { means: measures, intervals } = averagesOf(sums, 'perImage', seededRandom(seed))
    return { measures, interval: intervals.mapAtR }
  }
  const tested = (ranking: TransformRanking): Tested => {
    const { mapAtR: lift } = liftOf(backbone.sums, ranking.sums, seededRandom(seed))
    return { ...averaged(ranking), lift }
  }
  const projected = await rank({ kind: 'pca', layers: pca })
  const trained = await rank({ kind: 'head', layers: head })
  const known = { backbone, pca: projected, head: trained, whitened: null, joined: null }
  const exported = known[chosen.kind] ?? (await rank(chosen))
  return {
    backbone: averaged(backbone),
    pca: tested(projected),
    head: tested(trained),
    chosen: tested(exported),
    examples: testExamples(rows, backbone, exported === backbone ? null : exported),
  }
}
