import { AppError } from '../errors.ts'
import type { ClassNumbers } from '../evaluation/class-numbers.ts'
import { meansOf } from '../evaluation/class-sums.ts'
import { rankLabelled } from '../evaluation/evaluate-labelled.ts'
import { type Random, seededRandom } from '../vector/random.ts'
import type { RowMatrix } from '../vector/row-matrix.ts'
import { sampleBatch } from './batch-sampler.ts'
import { CollapseWatch } from './collapse-watch.ts'
import type { Affine } from './feature-transform.ts'
import { buildEmbeddingGraph, HEAD_PARAMETERS } from './head.ts'
import type { ObjectiveOptions } from './objective.ts'
import { rateAt } from './rate-schedule.ts'
import { buildTrainingGraph, type TrainingGraph } from './training-graph.ts'
import { type StepTensor, stepTensors } from './training-step.ts'

/** Port: what runs training graphs, and keeps their state between steps. */
interface HeadTrainer {
  step(inputs: Readonly<Record<string, StepTensor>>): Promise<Readonly<Record<string, number>>>
  read(names: readonly string[]): Promise<Readonly<Record<string, Float32Array>>>
  write(values: Readonly<Record<string, Float32Array>>): Promise<void>
  embed(features: Float32Array, rows: number): Promise<Float32Array>
  close(): Promise<void>
}

export type OpenTrainer = (
  graph: TrainingGraph,
  embedding: Uint8Array<ArrayBuffer>,
) => Promise<HeadTrainer>

/** Unit rows with the classes of each. */
export interface ClassedFeatures {
  readonly features: RowMatrix
  readonly numbers: ClassNumbers
}

export interface HeadTraining {
  readonly objective: ObjectiveOptions
  /** See TrainingGraphOptions. */
  readonly easyPositives: boolean
  /** Weight of the JRD regulariser; null for none. */
  readonly jrd: number | null
  readonly seed: number
  readonly steps: number
  /** What the linear head starts as. */
  readonly start: Affine
  readonly signal: AbortSignal
  readonly onProgress: (progress: HeadProgress) => void
}

export interface HeadProgress {
  readonly step: number
  readonly steps: number
  readonly loss: number
  /** On the validation classes, as far as it is known. */
  readonly mapAtR: number
}

export interface TrainedHead {
  /** As it was when its MAP@R on the validation classes was best; that may be the start. */
  readonly affine: Affine
  readonly bestStep: number
  /** Steps taken. */
  readonly steps: number
  readonly end: 'all steps' | 'no more gain' | 'collapsed'
  /** What went wrong and what to try, when it collapsed. */
  readonly advice: string | null
}

// Measured on groceries (81 classes): AdamW at 1e-3 for some 300 steps of 16 x 8 images.
const RATE = 1e-3
const BATCH_CLASSES = 16
const BATCH_PER_CLASS = 8
/** Of the features of a batch: against learning few images by heart. */
const DROPPED_SHARE = 0.2
const CHECK_EVERY = 20
/** Checks without a gain before the training ends. */
const PATIENCE = 5
/** Images that a check ranks at most: it takes time of their number squared. */
const MAX_CHECKED = 2048

/**
 * Trains a linear head on features that do not change: P x K batches, AdamW with warm-up and cosine
 * decay, early stopping by MAP@R on the validation classes. The same seed gives the same head.
 *
 * @throws TRAINING_INVALID for options that cannot be trained; CANCELLED when `signal` aborts;
 * THREAD_FAILED.
 */
export async function trainHead(
  train: ClassedFeatures,
  validation: ClassedFeatures,
  training: HeadTraining,
  open: OpenTrainer,
): Promise<TrainedHead> {
  const { objective, easyPositives, jrd, seed, steps, start, signal, onProgress } = training
  const random = seededRandom(seed)
  const members = membersOf(train.numbers)
  const batch = batchShape(train.numbers)
  const { inputs: inputDimensions, outputs: dimensions } = start
  const shape = { head: { kind: 'linear' } as const, inputDimensions, dimensions }
  const graph = buildTrainingGraph({
    ...{ ...shape, objective, easyPositives, batch, seed },
    jrd: jrd === null ? null : { weight: jrd },
    classes: train.numbers.names.length,
  })
  const trainer = await open(graph, buildEmbeddingGraph(shape, null))
  const watch = new CollapseWatch()
  const checked = firstRows(validation, MAX_CHECKED)
  try {
    await trainer.write(parametersOf(start))
    let best = { affine: start, step: 0, mapAtR: await checkHead(trainer, checked, dimensions) }
    let advice: string | null = null
    let step = 0
    const hasGain = () => step - best.step < PATIENCE * CHECK_EVERY
    while (step < steps && advice === null && hasGain()) {
      if (signal.aborted) throw cancelled(step, steps, signal)
      const rows = sampleBatch(members, batch, random)
      const tensors = stepTensors(
        graph,
        {
          features: droppedRows(train.features, rows, random),
          labels: rows.map((row) => train.numbers.classes[row]!),
          learningRate: rateAt(step, { rate: RATE, steps, warmUpSteps: Math.ceil(steps / 15) }),
        },
        random,
      )
      const reports = await trainer.step(tensors)
      const loss = reports.loss ?? Number.NaN
      advice = watch.check({ loss, meanDistance: reports['mean distance'] ?? Number.NaN })
      step++
      if (advice === null && (step % CHECK_EVERY === 0 || step === steps)) {
        const mapAtR = await checkHead(trainer, checked, dimensions)
        if (mapAtR > best.mapAtR) {
          best = { affine: await readHead(trainer, start), step, mapAtR }
        }
        onProgress({ step, steps, loss, mapAtR })
      }
    }
    const end = advice !== null ? 'collapsed' : step < steps ? 'no more gain' : 'all steps'
    return { affine: best.affine, bestStep: best.step, steps: step, end, advice }
  } finally {
    await trainer.close()
  }
}

/** No image comes twice in a batch where half of the classes have enough. */
function batchShape({ sizes }: ClassNumbers): { classes: number; perClass: number } {
  const median = [...sizes].sort((a, b) => a - b)[sizes.length >> 1] ?? 2
  return {
    classes: Math.min(BATCH_CLASSES, sizes.length),
    perClass: Math.max(2, Math.min(BATCH_PER_CLASS, median)),
  }
}

function membersOf({ classes, names }: ClassNumbers): number[][] {
  const members = names.map((): number[] => [])
  for (const [row, number] of classes.entries()) members[number]!.push(row)
  return members
}

/** Inverted dropout: what stays is scaled up, so that the features keep their mean. */
function droppedRows(
  { values, dimensions }: RowMatrix,
  rows: readonly number[],
  random: Random,
): Float32Array {
  const batch = new Float32Array(rows.length * dimensions)
  const scale = 1 / (1 - DROPPED_SHARE)
  for (const [at, row] of rows.entries()) {
    for (let i = 0; i < dimensions; i++) {
      if (random() < DROPPED_SHARE) continue
      batch[at * dimensions + i] = scale * values[row * dimensions + i]!
    }
  }
  return batch
}

function firstRows(of: ClassedFeatures, most: number): ClassedFeatures {
  const { features, numbers } = of
  if (features.count <= most) return of
  const values = features.values.subarray(0, most * features.dimensions)
  return {
    features: { ...features, values, count: most },
    numbers: { ...numbers, classes: numbers.classes.subarray(0, most) },
  }
}

async function checkHead(
  trainer: HeadTrainer,
  { features, numbers }: ClassedFeatures,
  dimensions: number,
): Promise<number> {
  const values = await trainer.embed(features.values, features.count)
  // A vector that is not finite has no rank: such a head is never the best.
  if (values.some((value) => !Number.isFinite(value))) return Number.NEGATIVE_INFINITY
  const vectors = { values, count: features.count, dimensions }
  return meansOf(rankLabelled(vectors, numbers), 'perImage').mapAtR
}

function parametersOf({ weight, bias }: Affine): Record<string, Float32Array> {
  return { [HEAD_PARAMETERS.weight]: weight, [HEAD_PARAMETERS.bias]: bias }
}

async function readHead(trainer: HeadTrainer, { inputs, outputs }: Affine): Promise<Affine> {
  const { weight, bias } = HEAD_PARAMETERS
  const values = await trainer.read([weight, bias])
  return { inputs, outputs, weight: values[weight]!, bias: values[bias]! }
}

function cancelled(step: number, steps: number, signal: AbortSignal): AppError {
  return new AppError('CANCELLED', `the training was stopped after ${step} of ${steps} steps`, {
    cause: signal.reason,
  })
}
