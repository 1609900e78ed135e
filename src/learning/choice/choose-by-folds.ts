import { type ClassSums, joinClassSums } from '../../evaluation/class-sums.ts'
import { heldDistances, joinedDistances, productDistances } from '../../evaluation/distances.ts'
import { rankLabelled } from '../../evaluation/rank-labelled.ts'
import { seededRandom } from '../../vector/random.ts'
import type { RowMatrix, RowProducts } from '../../vector/row-matrix.ts'
import type { ClassedFeatures } from '../classed-features.ts'
import {
  type FeatureTransform,
  type LearntLayers,
  transformManyRows,
} from '../feature-transform.ts'
import type { StartedHead } from '../heads/train-heads.ts'
import type { StartName } from '../start/head-start.ts'
import { bestOf, type Candidate, type Choice, choosePlan, type Plan } from './choose-plan.ts'

/** Shares of the head in `joined`. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9] as const

/** The rows of a fold, and what was learnt on the other folds. */
export interface ValidationFold {
  readonly validation: ClassedFeatures
  /** The same rows with inner maps beside the features, where a head reads them. */
  readonly wide: ClassedFeatures | null
  readonly pca: LearntLayers
  readonly whitened: LearntLayers
  /** One from each start, in the order of the starts. */
  readonly heads: readonly StartedHead[]
}

/** Lets all folds together choose (see choosePlan). Only the best head is joined. */
export async function chooseByFolds(
  folds: readonly ValidationFold[],
  seed: number,
  products: RowProducts,
): Promise<{ readonly best: StartName; readonly choice: Choice }> {
  const candidate = async (
    plan: Plan,
    transformOf: (fold: ValidationFold) => FeatureTransform,
  ): Promise<Candidate> => {
    const sums: ClassSums[] = []
    for (const fold of folds) {
      const { features, numbers } = fold.validation
      const wide = fold.wide?.features ?? null
      const vectors = await transformManyRows(features, transformOf(fold), products, wide)
      sums.push(await rankLabelled(productDistances(vectors, products), numbers))
    }
    return { plan, sums: joinClassSums(sums) }
  }
  const heads: (Candidate & { readonly start: StartName })[] = []
  for (const [i, { start }] of folds[0]!.heads.entries()) {
    const transformOf = ({ heads: own }: ValidationFold) =>
      ({ kind: 'head', layers: own[i]!.layers }) as const
    heads.push({ start, ...(await candidate({ kind: 'head', start }, transformOf)) })
  }
  const { start } = bestOf(heads)
  const joinedSums: ClassSums[][] = []
  for (const fold of folds) {
    const { layers } = fold.heads.find((head) => head.start === start)!
    joinedSums.push(await rankJoined(fold, layers, products))
  }
  const joined = SHARES.map((share, at): Candidate => {
    const sums = joinClassSums(joinedSums.map((byShare) => byShare[at]!))
    return { plan: { kind: 'joined', start, share }, sums }
  })
  const backbone = await candidate({ kind: 'backbone' }, () => ({ kind: 'backbone' }))
  const pca = await candidate({ kind: 'pca' }, ({ pca: layers }) => ({ kind: 'pca', layers }))
  const whitened = await candidate({ kind: 'whitened' }, ({ whitened: layers }) => {
    return { kind: 'whitened', layers }
  })
  const others = [pca, whitened, ...heads, ...joined] as const
  return { best: start, choice: choosePlan(backbone, others, seededRandom(seed)) }
}

/** Ranks by the backbone's features and a head's vectors joined, once for each share. */
async function rankJoined(
  { validation, wide }: ValidationFold,
  layers: LearntLayers,
  products: RowProducts,
): Promise<ClassSums[]> {
  const held = (rows: RowMatrix) => heldDistances(productDistances(rows, products))
  const { features, numbers } = validation
  const first = await held(features)
  const head = { kind: 'head', layers } as const
  const inner = wide?.features ?? null
  const second = await held(await transformManyRows(features, head, products, inner))
  const sums: ClassSums[] = []
  for (const share of SHARES) {
    sums.push(await rankLabelled(joinedDistances(first, second, share), numbers))
  }
  return sums
}
