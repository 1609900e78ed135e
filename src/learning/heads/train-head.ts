import { AppError } from '../../errors.ts'
import { meansOf } from '../../evaluation/class-sums.ts'
import { productDistances } from '../../evaluation/distances.ts'
import { rankLabelled } from '../../evaluation/rank-labelled.ts'
import type { RowProducts } from '../../vector/row-matrix.ts'
import { type ClassedFeatures, firstRows, membersOf } from '../classed-features.ts'
import { Curriculum, type DivideState, type Turn } from '../divide/curriculum.ts'
import { interleavedStart } from '../divide/interleaved-start.ts'
import type { Learners } from '../divide/learners.ts'
import type { Affine, LearntLayers } from '../feature-transform.ts'
import { buildEmbeddingGraph, HEAD_PARAMETERS, readLayers } from '../graph/head.ts'
import { type StepTensor, stackSteps } from '../graph/step-tensors.ts'
import { buildTrainingGraph } from '../graph/training-graph.ts'
import type { HeadTrainer, LearningEngine } from '../learning-engine.ts'
import type { TrainingRecipe } from '../recipe.ts'
import { batchShapeOf } from './batches.ts'
import { collapseAdvice } from './collapse.ts'
import { headStep } from './head-step.ts'

/** A recipe, but for what several heads share, with what is known of this head. */
export interface HeadTraining extends Omit<TrainingRecipe, 'starts' | 'testShare'> {
  /** A linear head before its first step; null for a start by chance. */
  readonly start: Affine | null
  readonly rate: number
  /** Steps after which the training ends, at most `steps`. */
  readonly until: number
  readonly signal: AbortSignal
  readonly onProgress: (progress: HeadProgress) => void
  /** The state of an interrupted training. */
  readonly resumeFrom: HeadCheckpoint | null
  /** Is called after each check and before CANCELLED; `take` gives what a later run resumes from. */
  readonly onCheckpoint: (take: () => Promise<HeadCheckpoint>) => Promise<void>
}

interface CurvePoint {
  readonly step: number
  readonly loss: number
  /** MAP@R on the validation classes; null where there are none. */
  readonly mapAtR: number | null
}

export interface HeadProgress extends CurvePoint {
  readonly steps: number
}

/** The state that a later run resumes from as if it had never stopped; stored on disk as it is. */
export interface HeadCheckpoint {
  readonly step: number
  readonly state: Readonly<Record<string, Float32Array>>
  readonly best: Best
  readonly curve: readonly CurvePoint[]
  readonly firstDistance: number | null
  readonly divide: DivideState | null
}

interface Best extends Omit<CurvePoint, 'loss'> {
  readonly layers: LearntLayers
}

/**
 * The head as it was when its MAP@R on the validation classes was best, which may be the start; as
 * it was at the end, where there are none.
 */
export interface TrainedHead extends Omit<Best, 'step'> {
  readonly bestStep: number
  /** The number of steps taken. */
  readonly steps: number
  readonly curve: readonly CurvePoint[]
  readonly end: 'all steps' | 'no more gain' | 'collapsed'
  /** What went wrong and what to try, when it collapsed. */
  readonly advice: string | null
}

const CHECK_EVERY = 20
/** Checks without a gain before the training ends. */
const PATIENCE = 5
/** Images that a check ranks at most: it takes time of their number squared, ten times a head. */
const MAX_CHECKED = 1024

/**
 * Trains a head on features that do not change: P x K batches, AdamW with warm-up and cosine decay,
 * early stopping by MAP@R on the validation classes; with divide and conquer, not before its last
 * phase. The same seed gives the same head, however often the training was interrupted.
 *
 * @param validation null for a training of exactly `until` steps.
 * @throws TRAINING_INVALID for options that cannot be trained; CANCELLED when `signal` aborts;
 * THREAD_FAILED.
 */
export async function trainHead(
  train: ClassedFeatures,
  validation: ClassedFeatures | null,
  training: HeadTraining,
  { open, products }: LearningEngine,
): Promise<TrainedHead> {
  const { until, resumeFrom, signal } = training
  const { features, numbers } = train
  const batch = batchShapeOf(numbers)
  const size = { inputDimensions: features.dimensions, classes: numbers.names.length, batch }
  const options = { ...training, ...size }
  const graph = buildTrainingGraph(options)
  const { learners } = graph
  const curriculum = learners && new Curriculum({ ...training, learners, train })
  const everyone: Turn = { members: membersOf(numbers), learner: 'all', activeLearners: 0 }
  const checked = validation === null ? null : firstRows(validation, MAX_CHECKED)
  const trainer = await open(graph, buildEmbeddingGraph(options, null))
  const layers = () => readLayers(options, (names) => trainer.read(names))
  const check = async () => (checked === null ? null : await mapAtROf(checked, trainer, products))
  try {
    await trainer.write(resumeFrom?.state ?? startValues(training.start, learners))
    if (curriculum !== null && resumeFrom?.divide) curriculum.state = resumeFrom.divide
    let best: Best = resumeFrom?.best ?? { layers: await layers(), step: 0, mapAtR: await check() }
    let step = resumeFrom?.step ?? 0
    const curve = [...(resumeFrom?.curve ?? [])]
    let firstDistance = resumeFrom?.firstDistance ?? null
    let advice: string | null = null
    const patientFrom = curriculum?.joinedFrom ?? 0
    const mayGain = () =>
      checked === null || step - Math.max(best.step, patientFrom) < PATIENCE * CHECK_EVERY
    const checkpoint = () =>
      training.onCheckpoint(async () => ({
        state: await trainer.read(graph.state.map(({ name }) => name)),
        step,
        best,
        curve: [...curve],
        firstDistance,
        divide: curriculum?.state ?? null,
      }))
    while (step < until && advice === null && mayGain()) {
      if (signal.aborted) {
        await checkpoint()
        const message = `the training was stopped after ${step} of ${until} steps`
        throw new AppError('CANCELLED', message, { cause: signal.reason })
      }
      const nextCheck = (Math.floor(step / CHECK_EVERY) + 1) * CHECK_EVERY
      const end = Math.min(until, nextCheck, curriculum?.turnsKnownTo(step) ?? until)
      const ahead: Record<string, StepTensor>[] = []
      for (let at = step; at < end; at++) {
        const turn = (await curriculum?.turn(at, trainer)) ?? everyone
        ahead.push(headStep(at, turn, train, graph, options))
      }
      const reports = await trainer.steps(stackSteps(ahead))
      let loss = Number.NaN
      for (let i = 0; i < ahead.length && advice === null; i++, step++) {
        loss = reports.loss?.[i] ?? Number.NaN
        const meanDistance = reports['mean distance']?.[i] ?? Number.NaN
        firstDistance ??= meanDistance
        advice = collapseAdvice(loss, meanDistance, firstDistance)
      }
      if (advice !== null || (step % CHECK_EVERY !== 0 && step !== until)) continue
      const mapAtR = await check()
      const isBest = mapAtR === null || best.mapAtR === null || mapAtR > best.mapAtR
      if (isBest) best = { layers: await layers(), step, mapAtR }
      curve.push({ step, loss, mapAtR })
      training.onProgress({ step, steps: until, loss, mapAtR })
      await checkpoint()
    }
    const end = advice !== null ? 'collapsed' : step < until ? 'no more gain' : 'all steps'
    return { ...best, bestStep: best.step, steps: step, curve, end, advice }
  } finally {
    await trainer.close()
  }
}

function startValues(
  start: Affine | null,
  learners: Learners | null,
): Record<string, Float32Array> {
  if (start === null) return {}
  const { weight, bias } =
    learners?.kind === 'slices' ? interleavedStart(start, learners.count) : start
  return { [HEAD_PARAMETERS.weight]: weight, [HEAD_PARAMETERS.bias]: bias }
}

async function mapAtROf(
  { features, numbers }: ClassedFeatures,
  trainer: HeadTrainer,
  products: RowProducts,
): Promise<number> {
  const { count } = features
  const values = await trainer.embed(features.values, count)
  // A vector that is not finite has no rank: such a head is never the best.
  if (values.some((value) => !Number.isFinite(value))) return Number.NEGATIVE_INFINITY
  const vectors = { values, count, dimensions: values.length / count }
  const sums = await rankLabelled(productDistances(vectors, products), numbers)
  return meansOf(sums, 'perImage').mapAtR
}
