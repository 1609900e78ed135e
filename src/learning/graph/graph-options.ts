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
  /** AdamW unless given. Options that are left out have PyTorch's defaults. */
  readonly optimiser?: OptimiserOptions
  /** The seed of the initial values. */
  readonly seed: number
  /** float64 is for checks against finite differences. */
  readonly precision?: 'float32' | 'float64'
}

/** Options that certainly can be trained. */
export type ResolvedTraining = ReturnType<typeof resolveTraining>

type PartialOf<O> = O extends Optimiser ? { readonly kind: O['kind'] } & Partial<O> : never
type OptimiserOptions = PartialOf<Optimiser>

const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
const OPTIMISER_DEFAULTS = {
  sgd: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
  adam: { kind: 'adam', ...ADAM, weightDecay: 0 },
  adamw: { kind: 'adamw', ...ADAM, weightDecay: 0.01 },
} as const
const MAX_BATCH = 2048
/** Triplets are tensors of the batch size to the third power. */
const MAX_BATCH_OF_TRIPLETS = 128
const MAX_SIZE = 65_536
const MAX_CLASSES = 1_000_000

/** Fills in the defaults. @throws TRAINING_INVALID that names what was given and what can be. */
export function resolveTraining(options: TrainingGraphOptions) {
  const { inputDimensions, dimensions, batch, classes, head } = options
  const { easyPositives = false, jrd = null, learners = null, optimiser } = options
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
    optimiser: resolveOptimiser(optimiser ?? { kind: 'adamw' }),
    batchSize,
  }
}

function resolveOptimiser(options: OptimiserOptions): Optimiser {
  const defaults: Readonly<Record<string, unknown>> | undefined = OPTIMISER_DEFAULTS[options.kind]
  if (defaults === undefined) {
    throw trainingInvalid('an optimiser of sgd, adam or adamw', options.kind)
  }
  for (const [name, value] of Object.entries(options)) {
    if (name === 'kind') continue
    if (!(name in defaults)) {
      throw trainingInvalid(`options of ${options.kind}: ${Object.keys(defaults).join(', ')}`, name)
    }
    const below = name === 'weightDecay' || name === 'epsilon' ? Number.POSITIVE_INFINITY : 1
    if (typeof value === 'number' && value >= 0 && value < below) continue
    throw trainingInvalid(`${options.kind} with ${name} of at least 0 and below ${below}`, value)
  }
  return { ...defaults, ...options } as Optimiser
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw trainingInvalid(`${name} to be an integer of ${least} to ${most}`, value)
}
