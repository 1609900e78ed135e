import type { Optimiser } from '../../onnx/autodiff/optimiser.ts'
import { type LearnersOptions, resolveLearners } from '../divide/learners.ts'
import { type JrdOptions, resolveJrd } from '../losses/jrd.ts'
import { type ObjectiveOptions, resolveObjective, usesProxies } from '../losses/objective.ts'
import { trainingInvalid } from '../training-invalid.ts'

/** A head is trained on the backbone's features: it is x W + b, or the same on relu(x V + c). */
export type Head = { readonly kind: 'linear' } | { readonly kind: 'mlp'; readonly hidden: number }

export interface TrainingGraphOptions {
  readonly objective: ObjectiveOptions
  /** Cuts every anchor's positives down to the nearest one; not with proxies. */
  readonly easyPositives?: boolean
  /** Only with proxies, whose cosines are its third layer. */
  readonly jrd?: Partial<JrdOptions> | null
  /** Divide and conquer. */
  readonly learners?: LearnersOptions | null
  readonly head: Head
  readonly inputDimensions: number
  readonly dimensions: number
  /** Every step takes `classes` x `perClass` images. */
  readonly batch: { readonly classes: number; readonly perClass: number }
  /** The number of classes of the training set; labels are below. */
  readonly classes: number
  /** AdamW unless given. */
  readonly optimiser?: Optimiser
  /** The seed of the initial values. */
  readonly seed: number
  /** float64 is for checks against finite differences. */
  readonly precision?: 'float32' | 'float64'
}

/** Options that certainly can be trained. */
export type ResolvedTraining = ReturnType<typeof resolveTraining>

const ADAMW: Optimiser = {
  kind: 'adamw',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
}
const MAX_BATCH = 2048
/** Triplets are tensors of the batch size to the third power. */
const MAX_BATCH_OF_TRIPLETS = 128
const MAX_SIZE = 65_536
const MAX_CLASSES = 1_000_000

/** Fills in the defaults. @throws TRAINING_INVALID that names what was given and what can be. */
export function resolveTraining(options: TrainingGraphOptions) {
  const { inputDimensions, dimensions, batch, classes, head } = options
  const { easyPositives = false, jrd = null, learners = null, optimiser = ADAMW } = options
  checkInteger('inputDimensions', inputDimensions, 1, MAX_SIZE)
  checkInteger('dimensions', dimensions, 1, MAX_SIZE)
  checkInteger('classes', classes, 1, MAX_CLASSES)
  checkInteger('classes of a batch', batch.classes, 1, MAX_BATCH)
  checkInteger('images per class', batch.perClass, 1, MAX_BATCH)
  if (head.kind === 'mlp') checkInteger('hidden units', head.hidden, 1, MAX_SIZE)
  const objective = resolveObjective(options.objective)
  const batchSize = batch.classes * batch.perClass
  const cubic = objective.kind === 'triplet' && objective.mining !== 'batch-hard'
  checkInteger('images of a batch', batchSize, 2, cubic ? MAX_BATCH_OF_TRIPLETS : MAX_BATCH)
  if (easyPositives && usesProxies(objective)) {
    throw trainingInvalid('an objective of pairs for easy positives', objective.kind)
  }
  if (jrd !== null && !usesProxies(objective)) {
    throw trainingInvalid('an objective with proxies for JRD', objective.kind)
  }
  return {
    objective,
    easyPositives,
    jrd: jrd === null ? null : resolveJrd(jrd),
    learners: learners === null ? null : resolveLearners(learners, dimensions),
    optimiser,
    batchSize,
  }
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw trainingInvalid(`${name} to be an integer of ${least} to ${most}`, value)
}
