import { joinClassSums } from '../../evaluation/class-sums.ts'
import { rankRough } from '../../evaluation/rank-rough.ts'
import {
  heldDistances,
  joinedDistances,
  productDistances,
} from '../../evaluation/rough-distances.ts'
import { seededRandom } from '../../vector/random.ts'
import type { RowMatrix } from '../../vector/row-matrix.ts'
import type { RowProducts } from '../../vector/row-products.ts'
import type { ClassedFeatures } from '../classed-features.ts'
import type { FeatureTransform } from '../feature-transform.ts'
import type { StartedHead } from '../heads/train-heads.ts'
import { applyLayersBy, type LearntLayers } from '../learnt-layers.ts'
import type { StartName } from '../start/head-start.ts'
import { type Candidate, type Choice, choosePlan, mapAtR, type Plan } from './choose-plan.ts'
import { askModel } from './rank-by-transform.ts'

/** Of the head in `joined`. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9] as const

/** A fold for validation and the others, with what was learnt on them. */
export interface JudgedFold {
  readonly validation: ClassedFeatures
  readonly pca: LearntLayers
  readonly whitened: LearntLayers
  readonly heads: readonly StartedHead[]
}

/** All folds together choose: see choosePlan. The share of `joined` is looked for with the best head. */
export async function chooseByFolds(
  folds: readonly JudgedFold[],
  seed: number,
  products: RowProducts,
): Promise<{ readonly best: StartName; readonly choice: Choice }> {
  const judge = async (plan: Plan, transformOf: (fold: JudgedFold) => FeatureTransform) => {
    const sums: Candidate['sums'][] = []
    for (const fold of folds) {
      sums.push((await askModel(products, fold.validation, transformOf(fold))).sums)
    }
    return { plan, sums: joinClassSums(sums) }
  }
  const heads: (Candidate & { readonly start: StartName })[] = []
  for (const [i, { start }] of folds[0]!.heads.entries()) {
    const headOf = ({ heads }: JudgedFold) => ({ kind: 'head', layers: heads[i]!.layers }) as const
    heads.push({ start, ...(await judge({ kind: 'head', start }, headOf)) })
  }
  const best = heads.reduce((a, b) => (mapAtR(b) > mapAtR(a) ? b : a))
  const joinedSums: Candidate['sums'][][] = []
  for (const { validation, heads: own } of folds) {
    const { layers } = own.find(({ start }) => start === best.start)!
    joinedSums.push(await joinedRankings(validation, layers, products))
  }
  const joined = SHARES.map((share, at): Candidate => {
    const sums = joinClassSums(joinedSums.map((byShare) => byShare[at]!))
    return { plan: { kind: 'joined', start: best.start, share }, sums }
  })
  const choice = choosePlan(
    await judge({ kind: 'backbone' }, () => ({ kind: 'backbone' })),
    [
      await judge({ kind: 'pca' }, ({ pca }) => ({ kind: 'pca', layers: pca })),
      await judge({ kind: 'whitened' }, ({ whitened }) => ({ kind: 'whitened', layers: whitened })),
      ...heads,
      ...joined,
    ],
    seededRandom(seed),
  )
  return { best: best.start, choice }
}

/** Of the backbone's features and a head's vectors joined, by each share. */
async function joinedRankings(
  { features, numbers }: ClassedFeatures,
  layers: LearntLayers,
  products: RowProducts,
): Promise<Candidate['sums'][]> {
  const held = (rows: RowMatrix) => heldDistances(productDistances(rows, products))
  const first = await held(features)
  const second = await held(await applyLayersBy(products, features, layers))
  const sums: Candidate['sums'][] = []
  for (const share of SHARES) {
    sums.push(await rankRough(joinedDistances(first, second, share), numbers))
  }
  return sums
}
