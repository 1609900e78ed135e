import { AppError } from '../errors.ts'
import { numberClasses } from '../evaluation/class-numbers.ts'
import { seededRandom } from '../vector/random.ts'
import type { RowMatrix, RowProducts } from '../vector/row-matrix.ts'
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
import { trainingInvalid } from './training-invalid.ts'

export interface LearningOptions extends HeadsOptions {
  /** The part that each row is in; null to draw whole classes by the seed. */
  readonly parts: readonly GivenPart[] | null
  /** The features of the same images in other views: `views` of the recipe less one. */
  readonly otherViews: readonly RowMatrix[]
  /** The features with inner maps beside them, for the start `inner`; without them it is left out. */
  readonly inner?: InnerFeatures | null
}

/** Unit rows of the plain images and of their other views. */
export interface InnerFeatures {
  readonly features: RowMatrix
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
  const { dimensions, seed, testShare, parts, otherViews, inner = null } = options
  const products = untilStopped(engine.products, options.signal)
  checkDimensions(dimensions, features.dimensions, 'the backbone')
  const views = [features, ...otherViews, ...(inner ? [inner.features, ...inner.otherViews] : [])]
  for (const view of views) checkFinite(view)
  const numbers = numberClasses(labels)
  const random = seededRandom(seed)
  const split =
    parts === null ? splitClasses(numbers, testShare, random) : givenSplit(numbers, parts, random)
  const rowsOf = (some: readonly SplitPart[], views: readonly RowMatrix[] = []) => {
    const rows = some.flatMap((part) => part.rows)
    return pickRows(features, labels, rows, views)
  }
  const wideOf = (some: readonly SplitPart[], withViews = false) => {
    if (inner === null) return null
    const rows = some.flatMap((part) => part.rows)
    return pickRows(inner.features, labels, rows, withViews ? inner.otherViews : [])
  }
  const starts = startsOf(options)
  const trainHead = headsTraining(options, starts.length * split.validationFolds + 1, engine)
  const foldRows = split.folds.map((fold) => () => rowsOf([fold]))
  const covariancesOf = foldScatters(foldRows, products)
  const foldWide = split.folds.map((fold) => () => wideOf([fold])!)
  const wideCovariancesOf = foldScatters(foldWide, products)
  const affinesOf = (
    rows: ClassedFeatures,
    wide: ClassedFeatures | null,
    folds: readonly number[],
  ) => {
    const sums = { covariances: () => covariancesOf(folds), products }
    const wideSums = { covariances: () => wideCovariancesOf(folds), products }
    return startAffines(rows, dimensions, sums, wide && { rows: wide, sums: wideSums })
  }
  const allFolds = [...split.folds.keys()]
  const folds: ValidationFold[] = []
  for (const number of allFolds.slice(0, split.validationFolds)) {
    const others = allFolds.filter((other) => other !== number)
    const otherFolds = others.map((other) => split.folds[other]!)
    const train = rowsOf(otherFolds, otherViews)
    const wideTrain = wideOf(otherFolds, true)
    const validation = firstRows(rowsOf([split.folds[number]!]), MAX_RANKED)
    const wideRows = wideOf([split.folds[number]!])
    const wide = wideRows && firstRows(wideRows, MAX_RANKED)
    const affines = affinesOf(train, wideTrain, others)
    const heads: StartedHead[] = []
    for (const start of starts) {
      const isWide = start === 'inner'
      const [rows, judge] = isWide ? [wideTrain!, wide!] : [train, validation]
      heads.push(await trainHead(start, await affines.of(start), rows, judge))
    }
    const pca = linearLayers(await affines.pca())
    const whitened = linearLayers(await affines.whitened())
    folds.push({ validation, wide, pca, whitened, heads })
  }
  const { best, choice } = await chooseByFolds(folds, seed, products)
  const all = rowsOf(split.folds, otherViews)
  const wideAll = wideOf(split.folds, true)
  const affines = affinesOf(all, wideAll, allFolds)
  const steps = options.learners === null ? meanSteps(folds, best) : middleSteps(folds, best)
  const learnt = best === 'inner' ? wideAll! : all
  const head = await trainHead(best, await affines.of(best), learnt, null, steps)
  const chosen = await transformOf(choice.chosen, head.layers, affines)
  const pca = { kind: 'pca', layers: linearLayers(await affines.pca()) } as const
  const tested = { pca, head: { kind: 'head', layers: head.layers }, chosen } as const
  const { rows } = split.test
  const test = await testClasses(
    rowsOf([split.test]),
    wideOf([split.test]),
    rows,
    tested,
    seed,
    products,
  )
  const foldHeads = folds.flatMap(({ heads }) => heads)
  return { split, foldHeads, choice, head, chosen, test }
}

/** Stops before the next product: what starts are found by takes minutes. @throws CANCELLED there. */
function untilStopped(products: RowProducts, signal: AbortSignal): RowProducts {
  return async (left, right) => {
    if (!signal.aborted) return await products(left, right)
    const message = 'the training was stopped between the steps of heads'
    throw new AppError('CANCELLED', message, { cause: signal.reason })
  }
}

/** Gives the starts that there are rows for. @throws TRAINING_INVALID for none. */
function startsOf(options: LearningOptions): readonly StartName[] {
  const { head, starts, learners, inner = null } = options
  if (head.kind !== 'linear') return ['chance']
  // Slices must divide the dimensions, of which a start from inner maps may have fewer.
  const hasInner = inner !== null && learners === null
  const possible = starts.filter((start) => start !== 'inner' || hasInner)
  if (possible.length > 0) return possible
  throw trainingInvalid('a start beside inner with learners, and where a model has no maps', 'none')
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
