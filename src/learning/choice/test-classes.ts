import { averagesOf, type Lift, liftOf } from '../../evaluation/averages.ts'
import { type Neighbour, nearestRows, spreadQueries } from '../../evaluation/example-queries.ts'
import type { Interval } from '../../evaluation/intervals.ts'
import type { Measures } from '../../evaluation/rank-measures.ts'
import { seededRandom } from '../../vector/random.ts'
import type { RowProducts } from '../../vector/row-matrix.ts'
import type { ClassedFeatures } from '../classed-features.ts'
import type { FeatureTransform, LearntLayers } from '../feature-transform.ts'
import { rankByTransform, type TransformRanking } from './rank-by-transform.ts'

/** The measures that the transforms reach on the test classes. */
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

/** A test image and the images nearest to it; rows are numbered as in the data. */
export interface TestExample {
  readonly query: number
  readonly backbone: readonly Neighbour[]
  /** The nearest by what was exported; null where that is the backbone. */
  readonly exported: readonly Neighbour[] | null
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
    const lift = liftOf(backbone.sums, ranking.sums, seededRandom(seed))
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

const [EXAMPLES, SHOWN] = [12, 8]

/**
 * Picks some of the test images, from the one that lost most by what was learnt to the one that
 * gained most; where nothing was learnt, from the lowest score to the highest.
 */
function testExamples(
  rows: readonly number[],
  backbone: TransformRanking,
  exported: TransformRanking | null,
): TestExample[] {
  const gain = ([query, score]: [number, number]): [number, number] => {
    return [query, (exported?.scores.get(query) ?? 2 * score) - score]
  }
  const queries = spreadQueries(new Map([...backbone.scores].map(gain)), EXAMPLES)
  const nearest = ({ vectors }: TransformRanking) =>
    nearestRows(vectors, queries, SHOWN).map((found) =>
      found.map(({ row, distance }) => ({ row: rows[row]!, distance })),
    )
  const before = nearest(backbone)
  const after = exported === null ? null : nearest(exported)
  return queries.map((query, i) => ({
    query: rows[query]!,
    backbone: before[i]!,
    exported: after?.[i] ?? null,
  }))
}
