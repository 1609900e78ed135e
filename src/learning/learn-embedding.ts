import { AppError } from '../errors.ts'
import { numberClasses } from '../evaluation/class-numbers.ts'
import { type ClassSums, meansOf } from '../evaluation/class-sums.ts'
import { rankLabelled } from '../evaluation/evaluate-labelled.ts'
import { type Lift, liftOf } from '../evaluation/lift.ts'
import type { Measures } from '../evaluation/rank-measures.ts'
import { seededRandom } from '../vector/random.ts'
import { type RowMatrix, rowOf } from '../vector/row-matrix.ts'
import { type Candidate, type Choice, chooseTransform } from './choose-transform.ts'
import {
  type FeatureTransform,
  joinRows,
  principalAffine,
  transformRows,
} from './feature-transform.ts'
import { type ClassSplit, splitClasses } from './split-classes.ts'
import {
  type ClassedFeatures,
  type HeadTraining,
  type OpenTrainer,
  type TrainedHead,
  trainHead,
} from './train-head.ts'

export interface LearningOptions extends Omit<HeadTraining, 'start'> {
  /** Of the head, and of the PCA beside it. */
  readonly dimensions: number
  /** Of the split, the training and the bootstrap. */
  readonly seed: number
}

/** What a transform reached on the test classes. */
interface Tested {
  readonly measures: Measures
  /** MAP@R over the backbone's, level .95. */
  readonly lift: Lift
}

export interface LearntEmbedding {
  readonly split: ClassSplit
  readonly head: TrainedHead
  readonly choice: Choice
  readonly test: {
    readonly backbone: Measures
    readonly pca: Tested
    readonly head: Tested
    readonly chosen: Tested
  }
}

/** Of the head in `joined`. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9] as const

/**
 * Learns how to change the backbone's features so that images of one class lie nearer together, on
 * classes that no choice has seen. The training classes train a head, the validation classes choose
 * among backbone, PCA, head, and both joined (see chooseTransform), and the test classes are asked
 * once, at the end, after everything is chosen.
 *
 * @param features unit rows.
 * @param labels of the rows.
 * @throws TRAINING_INVALID, CANCELLED, THREAD_FAILED.
 */
export async function learnEmbedding(
  features: RowMatrix,
  labels: readonly string[],
  options: LearningOptions,
  open: OpenTrainer,
): Promise<LearntEmbedding> {
  const { dimensions, seed } = options
  checkFeatures(features, dimensions)
  const split = splitClasses(numberClasses(labels), seededRandom(seed))
  const part = (name: keyof ClassSplit) => partOf(features, labels, split[name].rows)
  const [train, validation, test] = [part('train'), part('validation'), part('test')]
  const start = principalAffine(train.features, dimensions)
  const head = await trainHead(train, validation, { ...options, start }, open)
  const pca = { kind: 'pca', affine: start } as const
  const linear = { kind: 'head', affine: head.affine } as const
  const backbone = { kind: 'backbone' } as const
  const choice = chooseTransform(
    rankedCandidate(validation, backbone),
    [
      rankedCandidate(validation, pca),
      rankedCandidate(validation, linear),
      ...joinedCandidates(validation, linear),
    ],
    seededRandom(seed),
  )
  const baseline = rankedCandidate(test, backbone).sums
  const tested = (transform: FeatureTransform): Tested => {
    const { sums } = rankedCandidate(test, transform)
    return { measures: perImage(sums), lift: liftOf(baseline, sums, seededRandom(seed)).mapAtR }
  }
  return {
    ...{ split, head, choice },
    test: {
      backbone: perImage(baseline),
      pca: tested(pca),
      head: tested(linear),
      chosen: tested(choice.chosen.transform),
    },
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

function partOf(
  features: RowMatrix,
  labels: readonly string[],
  rows: readonly number[],
): ClassedFeatures {
  const { dimensions } = features
  const values = new Float32Array(rows.length * dimensions)
  for (const [to, row] of rows.entries()) values.set(rowOf(features, row), to * dimensions)
  return {
    features: { values, count: rows.length, dimensions },
    numbers: numberClasses(rows.map((row) => labels[row]!)),
  }
}

function rankedCandidate(of: ClassedFeatures, transform: FeatureTransform): Candidate {
  return { transform, sums: rankLabelled(transformRows(of.features, transform), of.numbers) }
}

function joinedCandidates(
  { features, numbers }: ClassedFeatures,
  head: Extract<FeatureTransform, { kind: 'head' | 'pca' }>,
): Candidate[] {
  const vectors = transformRows(features, head)
  return SHARES.map((share) => ({
    transform: { kind: 'joined', affine: head.affine, share },
    sums: rankLabelled(joinRows(features, vectors, share), numbers),
  }))
}

function perImage(sums: ClassSums): Measures {
  return meansOf(sums, 'perImage')
}
