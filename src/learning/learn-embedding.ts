import { AppError } from '../errors.ts'
import { numberClasses } from '../evaluation/class-numbers.ts'
import { seededRandom } from '../vector/random.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import { chooseByFolds, type ValidationFold } from './choice/choose-by-folds.ts'
import type { Choice, Plan } from './choice/choose-plan.ts'
import { type TestResult, testClasses } from './choice/test-classes.ts'
import { type ClassedFeatures, firstRows, pickRows } from './classed-features.ts'
import { type FeatureTransform, type LearntLayers, linearLayers } from './feature-transform.ts'
import { type HeadsOptions, headsTraining, type StartedHead } from './heads/train-heads.ts'
import type { LearningEngine } from './learning-engine.ts'
import { checkDimensions } from './recipe.ts'
import {
  type ClassSplit,
  type GivenPart,
  givenSplit,
  type SplitPart,
  splitClasses,
} from './split-classes.ts'
import { foldScatters } from './start/fold-scatters.ts'
import { type StartAffines, type StartName, startAffines } from './start/head-start.ts'

export interface LearningOptions extends HeadsOptions {
  /** The part that each row is in; null to draw whole classes by the seed. */
  readonly parts: readonly GivenPart[] | null
  /** The features of the same images in other views: `views` of the recipe less one. */
  readonly otherViews: readonly RowMatrix[]
}

export interface LearntEmbedding {
  readonly split: ClassSplit
  /** The heads that the choice is made by: from each start, on all folds but one, by fold. */
  readonly foldHeads: readonly StartedHead[]
  readonly choice: Choice
  /** The head from the best start, trained on all folds for as long as it was good for on some. */
  readonly head: StartedHead
  /** The chosen transform, learnt on all folds. */
  readonly chosen: FeatureTransform
  readonly test: TestResult
}

/** Images of a fold that are ranked at most: their distances are held for all shares of a head. */
const MAX_RANKED = 2048

/**
 * Learns how to change the backbone's features so that images of one class lie nearer together, on
 * classes that no choice has seen. The classes that are not tested make folds; each is for
 * validation once, while heads are trained on the others. All folds together choose among
 * backbone, PCA, whitening, the heads, and backbone and best head joined (see choosePlan). What was
 * chosen is learnt on all of them, and the test classes are searched once, at the end.
 *
 * @param features unit rows.
 * @param labels of the rows.
 * @throws TRAINING_INVALID, INVALID_VECTOR, CANCELLED, THREAD_FAILED.
 */
export async function learnEmbedding(
  features: RowMatrix,
  labels: readonly string[],
  options: LearningOptions,
  engine: LearningEngine,
): Promise<LearntEmbedding> {
  const { dimensions, seed, testShare, parts, otherViews } = options
  const { products } = engine
  checkDimensions(dimensions, features.dimensions, 'the backbone')
  for (const view of [features, ...otherViews]) checkFinite(view)
  const numbers = numberClasses(labels)
  const random = seededRandom(seed)
  const split =
    parts === null ? splitClasses(numbers, testShare, random) : givenSplit(numbers, parts, random)
  const rowsOf = (some: readonly SplitPart[], views: readonly RowMatrix[] = []) => {
    const rows = some.flatMap((part) => part.rows)
    return pickRows(features, labels, rows, views)
  }
  const starts = options.head.kind === 'linear' ? options.starts : (['chance'] as const)
  const trainHead = headsTraining(options, starts.length * split.validationFolds + 1, engine)
  const foldRows = split.folds.map((fold) => () => rowsOf([fold]))
  const covariancesOf = foldScatters(foldRows, products)
  const affinesOf = (rows: ClassedFeatures, folds: readonly number[]) =>
    startAffines(rows, dimensions, { covariances: () => covariancesOf(folds), products })
  const allFolds = [...split.folds.keys()]
  const folds: ValidationFold[] = []
  for (const number of allFolds.slice(0, split.validationFolds)) {
    const others = allFolds.filter((other) => other !== number)
    const train = rowsOf(
      others.map((other) => split.folds[other]!),
      otherViews,
    )
    const validation = firstRows(rowsOf([split.folds[number]!]), MAX_RANKED)
    const affines = affinesOf(train, others)
    const heads: StartedHead[] = []
    for (const start of starts) {
      heads.push(await trainHead(start, await affines.of(start), train, validation))
    }
    const pca = linearLayers(await affines.pca())
    const whitened = linearLayers(await affines.whitened())
    folds.push({ validation, pca, whitened, heads })
  }
  const { best, choice } = await chooseByFolds(folds, seed, products)
  const all = rowsOf(split.folds, otherViews)
  const affines = affinesOf(all, allFolds)
  const steps = options.learners === null ? meanSteps(folds, best) : middleSteps(folds, best)
  const head = await trainHead(best, await affines.of(best), all, null, steps)
  const chosen = await transformOf(choice.chosen, head.layers, affines)
  const pca = { kind: 'pca', layers: linearLayers(await affines.pca()) } as const
  const learnt = { pca, head: { kind: 'head', layers: head.layers }, chosen } as const
  const test = await testClasses(rowsOf([split.test]), split.test.rows, learnt, seed, products)
  const foldHeads = folds.flatMap(({ heads }) => heads)
  return { split, foldHeads, choice, head, chosen, test }
}

/** Gives the mean over the folds of the steps after which a head was best. */
function meanSteps(folds: readonly ValidationFold[], start: StartName): number {
  const own = bestSteps(folds, start)
  return Math.round(own.reduce((sum, step) => sum + step, 0) / own.length)
}

/**
 * Gives the middle one of the steps after which a head was best in a fold, of two the later. Divided
 * heads fall while learners are apart and rise once they are joined: the mean of a step before and
 * one after could be where they are at their lowest.
 */
function middleSteps(folds: readonly ValidationFold[], start: StartName): number {
  const own = bestSteps(folds, start).sort((a, b) => a - b)
  return own[own.length >> 1]!
}

function bestSteps(folds: readonly ValidationFold[], start: StartName): number[] {
  return folds.map(({ heads }) => heads.find((head) => head.start === start)!.bestStep)
}

async function transformOf(
  plan: Plan,
  head: LearntLayers,
  affines: StartAffines,
): Promise<FeatureTransform> {
  if (plan.kind === 'backbone') return { kind: 'backbone' }
  if (plan.kind === 'joined') return { kind: 'joined', layers: head, share: plan.share }
  if (plan.kind === 'head') return { kind: 'head', layers: head }
  return { kind: plan.kind, layers: linearLayers(await affines[plan.kind]()) }
}

function checkFinite({ values, dimensions }: RowMatrix): void {
  const bad = values.findIndex((value) => !Number.isFinite(value))
  if (bad === -1) return
  const at = `got ${values[bad]} in row ${Math.floor(bad / dimensions)}`
  throw new AppError('INVALID_VECTOR', `expected features of finite numbers, ${at}`)
}
