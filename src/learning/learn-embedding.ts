import { AppError } from '../errors.ts'
import { averagesOf } from '../evaluation/averages.ts'
import type { Interval } from '../evaluation/bootstrap.ts'
import { numberClasses } from '../evaluation/class-numbers.ts'
import { type Lift, liftOf } from '../evaluation/lift.ts'
import type { Measures } from '../evaluation/rank-measures.ts'
import { seededRandom } from '../vector/random.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import { chooseByFolds, type JudgedFold } from './choice/choose-by-folds.ts'
import type { Choice, Plan } from './choice/choose-plan.ts'
import { type Asked, askModel } from './choice/rank-by-transform.ts'
import { type TestExample, testExamples } from './choice/test-examples.ts'
import { type ClassedFeatures, firstRows, pickRows } from './classed-features.ts'
import type { FeatureTransform } from './feature-transform.ts'
import { type HeadsOptions, HeadsTraining, type StartedHead } from './heads/train-heads.ts'
import type { LearningEngine } from './learning-engine.ts'
import { type LearntLayers, linearLayers } from './learnt-layers.ts'
import { type ClassSplit, type GivenPart, givenSplit, splitClasses } from './split-classes.ts'
import { FoldScatters } from './start/fold-scatters.ts'
import { type HeadStart, StartAffines, type StartName } from './start/head-start.ts'

export interface LearningOptions extends HeadsOptions {
  /** A head is trained from each; a head with a hidden layer starts by chance, whatever this says. */
  readonly starts: readonly [HeadStart, ...HeadStart[]]
  /** Of the classes. */
  readonly testShare: number
  /** The part that each row is in; null to draw whole classes by the seed. */
  readonly parts: readonly GivenPart[] | null
}

/** What a transform reached on the test classes. */
interface Tested {
  readonly measures: Measures
  /** Of MAP@R, level .95. */
  readonly interval: Interval
  /** MAP@R over the backbone's, level .95. */
  readonly lift: Lift
}

export interface LearntEmbedding {
  readonly split: ClassSplit
  /** Those that the choice is made by: from each start, on all folds but one, fold after fold. */
  readonly judged: readonly StartedHead[]
  readonly choice: Choice
  /** From the best start, trained on all folds for as long as it was good for on some. */
  readonly head: StartedHead
  /** What was chosen, learnt on all folds. */
  readonly chosen: FeatureTransform
  readonly test: {
    readonly backbone: Pick<Tested, 'measures' | 'interval'>
    readonly pca: Tested
    readonly head: Tested
    readonly chosen: Tested
    readonly examples: readonly TestExample[]
  }
}

/** Images of a fold that are ranked at most: their distances are held for all shares of a head. */
const MAX_JUDGED = 2048

/**
 * Learns how to change the backbone's features so that images of one class lie nearer together, on
 * classes that no choice has seen. The classes that are not tested make folds; each is for
 * validation once, while heads are trained on the others. All folds together choose among
 * backbone, PCA, whitening, the heads, and backbone and best head joined (see choosePlan). What was
 * chosen is learnt on all of them, and the test classes are asked once, at the end.
 *
 * @param features unit rows.
 * @param labels of the rows.
 * @throws TRAINING_INVALID, CANCELLED, THREAD_FAILED.
 */
export async function learnEmbedding(
  features: RowMatrix,
  labels: readonly string[],
  options: LearningOptions,
  engine: LearningEngine,
): Promise<LearntEmbedding> {
  const { dimensions, seed, testShare, parts: given } = options
  const { products } = engine
  checkFeatures(features, dimensions)
  const numbers = numberClasses(labels)
  const split =
    given === null
      ? splitClasses(numbers, testShare, seededRandom(seed))
      : givenSplit(numbers, given, seededRandom(seed))
  const rowsOf = (parts: ClassSplit['folds']) =>
    pickRows(
      features,
      labels,
      parts.flatMap(({ rows }) => rows),
    )
  const starts = options.head.kind === 'linear' ? options.starts : (['chance'] as const)
  const training = new HeadsTraining(options, starts.length * split.judging + 1, engine)
  const scatters = new FoldScatters(
    split.folds.map((fold) => () => rowsOf([fold])),
    products,
  )
  const affinesOf = (rows: ClassedFeatures, parts: readonly number[]) =>
    new StartAffines(rows, dimensions, { covariances: () => scatters.of(parts), products })
  const numbersOfFolds = [...split.folds.keys()]
  const folds: JudgedFold[] = []
  for (const [number, fold] of split.folds.slice(0, split.judging).entries()) {
    const others = numbersOfFolds.filter((other) => other !== number)
    const train = rowsOf(others.map((other) => split.folds[other]!))
    const validation = firstRows(rowsOf([fold]), MAX_JUDGED)
    const affines = affinesOf(train, others)
    const heads: StartedHead[] = []
    for (const start of starts) {
      const affine = await affines.of(start)
      heads.push(await training.train({ start, affine }, train, validation))
    }
    const pca = linearLayers(await affines.pca())
    const whitened = linearLayers(await affines.whitened())
    folds.push({ validation, pca, whitened, heads })
  }
  const { best, choice } = await chooseByFolds(folds, seed, products)
  const all = rowsOf(split.folds)
  const affines = affinesOf(all, numbersOfFolds)
  const head = await training.train(
    { start: best, affine: await affines.of(best) },
    ...[all, null, stepsOf(folds, best)],
  )
  const chosen = await transformOf(choice.chosen, head.layers, affines)
  const test = rowsOf([split.test])
  const ask = (transform: FeatureTransform) => askModel(products, test, transform)
  const baseline = await ask({ kind: 'backbone' })
  const averaged = ({ sums }: Asked) => {
    const { means: measures, intervals } = averagesOf(sums, 'perImage', seededRandom(seed))
    return { measures, interval: intervals.mapAtR }
  }
  const tested = (asked: Asked): Tested => {
    const { mapAtR: lift } = liftOf(baseline.sums, asked.sums, seededRandom(seed))
    return { ...averaged(asked), lift }
  }
  const projected = await ask({ kind: 'pca', layers: linearLayers(await affines.pca()) })
  const trained = await ask({ kind: 'head', layers: head.layers })
  const asked = { backbone: baseline, pca: projected, head: trained, whitened: null, joined: null }
  const winner = asked[chosen.kind] ?? (await ask(chosen))
  return {
    ...{ split, judged: folds.flatMap(({ heads }) => heads), choice, head, chosen },
    test: {
      backbone: averaged(baseline),
      pca: tested(projected),
      head: tested(trained),
      chosen: tested(winner),
      examples: testExamples(split.test.rows, baseline, winner === baseline ? null : winner),
    },
  }
}

/** The mean over the folds of the steps after which a head was best. */
function stepsOf(folds: readonly JudgedFold[], start: StartName): number {
  const own = folds.map(({ heads }) => heads.find((head) => head.start === start)!.bestStep)
  return Math.round(own.reduce((sum, step) => sum + step, 0) / own.length)
}

async function transformOf(
  plan: Plan,
  head: LearntLayers,
  affines: StartAffines,
): Promise<FeatureTransform> {
  switch (plan.kind) {
    case 'backbone':
      return { kind: 'backbone' }
    case 'joined':
      return { kind: 'joined', layers: head, share: plan.share }
    case 'head':
      return { kind: 'head', layers: head }
    default:
      return { kind: plan.kind, layers: linearLayers(await affines[plan.kind]()) }
  }
}

function checkFeatures({ values, dimensions: width }: RowMatrix, dimensions: number): void {
  if (dimensions > width) {
    throw new AppError(
      'TRAINING_INVALID',
      `expected at most the ${width} dimensions of the backbone, got ${dimensions}`,
    )
  }
  const bad = values.findIndex((value) => !Number.isFinite(value))
  if (bad !== -1) {
    const at = `got ${values[bad]} in row ${Math.floor(bad / width)}`
    throw new AppError('INVALID_VECTOR', `expected features of finite numbers, ${at}`)
  }
}
