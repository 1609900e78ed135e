import { AppError } from '../../errors.ts'
import { meansOf } from '../../evaluation/class-sums.ts'
import { rankRough } from '../../evaluation/rank-rough.ts'
import { productDistances } from '../../evaluation/rough-distances.ts'
import { seededRandom } from '../../vector/random.ts'
import type { RowProducts } from '../../vector/row-products.ts'
import { type ClassedFeatures, firstRows, membersOf } from '../classed-features.ts'
import { Curriculum, type DivideState, type Turn } from '../divide/curriculum.ts'
import type { LearnersOptions } from '../divide/learners.ts'
import { resolveTraining } from '../graph/graph-options.ts'
import {
  buildEmbeddingGraph,
  HEAD_PARAMETERS,
  type Head,
  layerParameters,
  layersOf,
} from '../graph/head.ts'
import { type StepTensor, stackSteps, stepTensors } from '../graph/step-tensors.ts'
import { buildTrainingGraph } from '../graph/training-graph.ts'
import type { HeadTrainer } from '../head-trainer.ts'
import type { LearningEngine } from '../learning-engine.ts'
import type { Affine, LearntLayers } from '../learnt-layers.ts'
import type { JrdOptions } from '../losses/jrd.ts'
import type { ObjectiveOptions } from '../losses/objective.ts'
import { batchShapeOf, droppedRows } from '../training-batch.ts'
import { sampleBatch } from './batches.ts'
import { CollapseWatch } from './collapse-watch.ts'
import { rateAt } from './rate-schedule.ts'

export interface HeadRecipe {
  readonly objective: ObjectiveOptions
  /** These three: see TrainingGraphOptions. */
  readonly easyPositives: boolean
  readonly jrd: Partial<JrdOptions> | null
  readonly learners: LearnersOptions | null
  readonly head: Head
  /** Of the schedule of rates; the most that are taken. */
  readonly steps: number
  /** Share of the features of a batch that is dropped: against learning few images by heart. */
  readonly dropout: number
}

export interface HeadTraining extends HeadRecipe {
  readonly seed: number
  /** Of the embedding. */
  readonly dimensions: number
  /** What a linear head starts as; null for chance. */
  readonly start: Affine | null
  /** Of learning, at its highest. */
  readonly rate: number
  /** Steps after which the training ends, at most `steps`. */
  readonly until: number
  readonly signal: AbortSignal
  readonly onProgress: (progress: HeadProgress) => void
  /** Where an interrupted training was. */
  readonly from: HeadCheckpoint | null
  /** Called every so many steps and before CANCELLED; `take` tells where the training is. */
  readonly onCheckpoint: (take: () => Promise<HeadCheckpoint>) => Promise<void>
}

export interface HeadProgress {
  readonly step: number
  readonly steps: number
  readonly loss: number
  /** On the validation classes, as far as it is known; null where none judge. */
  readonly mapAtR: number | null
}

/** All that a training needs to go on as if it had never stopped. */
export interface HeadCheckpoint {
  readonly step: number
  readonly state: Readonly<Record<string, Float32Array>>
  readonly best: Best
  readonly curve: readonly CurvePoint[]
  readonly firstDistance: number | null
  readonly divide: DivideState | null
}

type CurvePoint = Pick<HeadProgress, 'step' | 'loss' | 'mapAtR'>

interface Best {
  readonly layers: LearntLayers
  readonly step: number
  readonly mapAtR: number | null
}

export interface TrainedHead {
  /**
   * As it was when its MAP@R on the validation classes was best, which may be the start; as it was
   * at the end, where none judge.
   */
  readonly layers: LearntLayers
  readonly bestStep: number
  /** On the validation classes; null where none judge. */
  readonly mapAtR: number | null
  /** Steps taken. */
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
  const { learners, steps, until, seed, from, signal } = training
  const batch = batchShapeOf(train.numbers)
  const shape = {
    ...{ head: training.head, dimensions: training.dimensions, learners },
    inputDimensions: train.features.dimensions,
  }
  const options = { ...training, ...shape, batch, classes: train.numbers.names.length }
  const resolved = resolveTraining(options)
  const curriculum =
    resolved.learners === null
      ? null
      : new Curriculum({ ...shape, train, steps, seed, ...resolved, learners: resolved.learners })
  const graph = buildTrainingGraph(options)
  const trainer = await open(graph, buildEmbeddingGraph(shape, null))
  const watch = new CollapseWatch(from?.firstDistance ?? null)
  const checked = validation === null ? null : firstRows(validation, MAX_CHECKED)
  const everyone: Turn = { members: membersOf(train.numbers), learner: 'all', activeLearners: 0 }
  const names = layerParameters(training.head)
  const layers = async () => layersOf(shape, await trainer.read(names))
  const judge = async () =>
    checked === null ? null : await mapAtROf(trainer, checked, shape, products)
  try {
    await trainer.write(from?.state ?? (training.start === null ? {} : initialOf(training.start)))
    if (from?.divide) curriculum?.resume(from.divide)
    let best: Best = from?.best ?? { layers: await layers(), step: 0, mapAtR: await judge() }
    const curve = [...(from?.curve ?? [])]
    let advice: string | null = null
    let step = from?.step ?? 0
    const patientFrom = curriculum?.joinedFrom ?? 0
    const hasGain = () =>
      checked === null || step - Math.max(best.step, patientFrom) < PATIENCE * CHECK_EVERY
    const stepOf = async (at: number) => {
      // Chance of its own for every step, so that a training can go on from any.
      const random = seededRandom(seed + Math.imul(at + 1, 0x9e3779b1))
      const turn = (await curriculum?.turn(at, trainer)) ?? everyone
      const rows = sampleBatch(turn.members, batch, random)
      const schedule = { rate: training.rate, steps, warmUpSteps: Math.ceil(steps / 15) }
      const step = {
        ...turn,
        features: droppedRows(train.features, rows, training.dropout, random),
        labels: rows.map((row) => train.numbers.classes[row]!),
        learningRate: rateAt(at, schedule),
      }
      return stepTensors(graph, step, random)
    }
    const checkpoint = () =>
      training.onCheckpoint(async () => ({
        state: await trainer.read(graph.state.map(({ name }) => name)),
        ...{ step, best, curve: [...curve], firstDistance: watch.firstDistance },
        divide: curriculum?.state ?? null,
      }))
    while (step < until && advice === null && hasGain()) {
      if (signal.aborted) {
        await checkpoint()
        throw cancelled(step, until, signal)
      }
      const end = Math.min(until, nextCheck(step), curriculum?.epochEnd(step) ?? until)
      const ahead: Record<string, StepTensor>[] = []
      for (let at = step; at < end; at++) ahead.push(await stepOf(at))
      const reports = await trainer.steps(stackSteps(ahead))
      let loss = Number.NaN
      for (let i = 0; i < ahead.length && advice === null; i++, step++) {
        loss = reports.loss?.[i] ?? Number.NaN
        const meanDistance = reports['mean distance']?.[i] ?? Number.NaN
        advice = watch.check({ loss, meanDistance })
      }
      if (advice !== null || (step % CHECK_EVERY !== 0 && step !== until)) continue
      const mapAtR = await judge()
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

function nextCheck(step: number): number {
  return (Math.floor(step / CHECK_EVERY) + 1) * CHECK_EVERY
}

/** Of a linear head. */
function initialOf({ weight, bias }: Affine): Record<string, Float32Array> {
  return { [HEAD_PARAMETERS.weight]: weight, [HEAD_PARAMETERS.bias]: bias }
}

async function mapAtROf(
  trainer: HeadTrainer,
  { features, numbers }: ClassedFeatures,
  { dimensions }: { readonly dimensions: number },
  products: RowProducts,
): Promise<number> {
  const values = await trainer.embed(features.values, features.count)
  // A vector that is not finite has no rank: such a head is never the best.
  if (values.some((value) => !Number.isFinite(value))) return Number.NEGATIVE_INFINITY
  const vectors = { values, count: features.count, dimensions }
  const sums = await rankRough(productDistances(vectors, products), numbers)
  return meansOf(sums, 'perImage').mapAtR
}

function cancelled(step: number, steps: number, signal: AbortSignal): AppError {
  return new AppError('CANCELLED', `the training was stopped after ${step} of ${steps} steps`, {
    cause: signal.reason,
  })
}
