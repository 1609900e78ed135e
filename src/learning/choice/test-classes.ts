import { averagesOf, type Lift, liftOf } from '../../evaluation/averages.ts'
import type { ClassSums } from '../../evaluation/class-sums.ts'
import { productDistances } from '../../evaluation/distances.ts'
import { type Neighbour, nearestRows, spreadQueries } from '../../evaluation/example-queries.ts'
import type { Interval } from '../../evaluation/intervals.ts'
import { rankLabelled } from '../../evaluation/rank-labelled.ts'
import type { Measures } from '../../evaluation/rank-measures.ts'
import { seededRandom } from '../../vector/random.ts'
import type { RowMatrix, RowProducts } from '../../vector/row-matrix.ts'
import type { ClassedFeatures } from '../classed-features.ts'
import { type FeatureTransform, transformManyRows } from '../feature-transform.ts'

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

/** The vectors that a transform gives the images, and how well each finds its class. */
interface Ranking {
  readonly vectors: RowMatrix
  /** MAP@R of each query, by its row. */
  readonly scores: ReadonlyMap<number, number>
  readonly sums: ClassSums
}

/**
 * @param wide the same rows with inner maps beside the features, where a transform reads them.
 * @param rows of the test images in the data.
 */
export async function testClasses(
  { features, numbers }: ClassedFeatures,
  wide: ClassedFeatures | null,
  rows: readonly number[],
  learnt: Readonly<Record<'pca' | 'head' | 'chosen', FeatureTransform>>,
  seed: number,
  products: RowProducts,
): Promise<TestResult> {
  const rank = async (transform: FeatureTransform): Promise<Ranking> => {
    const inner = wide?.features ?? null
    const vectors = await transformManyRows(features, transform, products, inner)
    const scores = new Map<number, number>()
    const onQuery = (query: number, { mapAtR }: Measures) => scores.set(query, mapAtR)
    const sums = await rankLabelled(productDistances(vectors, products), numbers, { onQuery })
    return { vectors, scores, sums }
  }
  const backbone = await rank({ kind: 'backbone' })
  const averaged = ({ sums }: Ranking) => {
    const { means: measures, intervals } = averagesOf(sums, 'perImage', seededRandom(seed))
    return { measures, interval: intervals.mapAtR }
  }
  const tested = (ranking: Ranking): Tested => {
    const lift = liftOf(backbone.sums, ranking.sums, seededRandom(seed))
    return { ...averaged(ranking), lift }
  }
  const pca = await rank(learnt.pca)
  const head = await rank(learnt.head)
  const known = { backbone, pca, head, whitened: null, joined: null }
  const exported = known[learnt.chosen.kind] ?? (await rank(learnt.chosen))
  return {
    backbone: averaged(backbone),
    pca: tested(pca),
    head: tested(head),
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
  backbone: Ranking,
  exported: Ranking | null,
): TestExample[] {
  const gain = ([query, score]: [number, number]): [number, number] => {
    return [query, (exported?.scores.get(query) ?? 2 * score) - score]
  }
  const queries = spreadQueries(new Map([...backbone.scores].map(gain)), EXAMPLES)
  const nearest = ({ vectors }: Ranking) =>
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
