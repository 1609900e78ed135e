import { multiplierInput } from '../../onnx/autodiff/optimiser.ts'
import type { Random } from '../../vector/random.ts'
import { trainingInvalid } from '../training-invalid.ts'
import type { StepInputName } from './step-inputs.ts'
import type { TrainingGraph } from './training-graph.ts'

/** The input of one training step. */
export interface Step {
  /** batchSize x inputDimensions numbers, row-major. */
  readonly features: Float32Array
  /** The same before dropout, where it differs and the graph wants them. */
  readonly wholeFeatures?: Float32Array | undefined
  /** Class numbers of the rows, from 0. */
  readonly labels: ArrayLike<number>
  /** The image of each row, as a number: a copy is no positive. All differ when left out. */
  readonly images?: ArrayLike<number>
  readonly learningRate: number
  /** With divide and conquer: the learner whose turn it is, `all` in the conquer phase. */
  readonly learner?: number | 'all'
  /** With learnt masks: the number of learners there are by now; all when left out. */
  readonly activeLearners?: number
}

export interface StepTensor {
  readonly dims: readonly number[]
  readonly values: Float32Array | BigInt64Array
}

/**
 * Makes the tensors of one step, by the graph's input names, the state left out (see `stackSteps`).
 * @param random draws the noise by which negatives are sampled, where the objective does.
 * @throws TRAINING_INVALID when sizes differ from the graph's, for labels that are no classes of
 * it, for a learner that there is not, and for rates below 0.
 */
export function stepTensors(
  graph: TrainingGraph,
  step: Step,
  random: Random,
): Record<string, StepTensor> {
  const tensors: Record<string, StepTensor> = {}
  const unknown = Array.from(step.labels).find((label) => !isBelow(label, graph.classes))
  if (unknown !== undefined) {
    throw trainingInvalid(`labels of 0 to ${graph.classes - 1}`, unknown)
  }
  for (const { name, dims } of graph.inputs) {
    const size = dims.reduce((product, length) => product * length, 1)
    const values = VALUES[name](step, size, random)
    if (values.length !== size) {
      throw trainingInvalid(`${size} numbers for ${name} [${dims}]`, values.length)
    }
    tensors[name] = { dims, values }
  }
  for (const { name, multiplier } of graph.parameters) {
    tensors[multiplierInput(name)] = { dims: [], values: Float32Array.of(multiplier) }
  }
  return tensors
}

/** Stacks steps that follow one another: tensors get a first axis, with a slice for each step. */
export function stackSteps(
  steps: readonly Readonly<Record<string, StepTensor>>[],
): Record<string, StepTensor> {
  const [first = {}] = steps
  return Object.fromEntries(
    Object.entries(first).map(([name, { dims, values }]) => {
      const stacked =
        values instanceof BigInt64Array
          ? new BigInt64Array(steps.length * values.length)
          : new Float32Array(steps.length * values.length)
      for (const [i, step] of steps.entries()) {
        ;(stacked as Float32Array).set(step[name]!.values as Float32Array, i * values.length)
      }
      return [name, { dims: [steps.length, ...dims], values: stacked }]
    }),
  )
}

type Values = (step: Step, size: number, random: Random) => StepTensor['values']

const VALUES: Readonly<Record<StepInputName, Values>> = {
  features: ({ features }) => features,
  'whole features': ({ features, wholeFeatures }) => wholeFeatures ?? features,
  labels: ({ labels }) => BigInt64Array.from(Array.from(labels, BigInt)),
  images: ({ images }, size) =>
    BigInt64Array.from(Array.from(images ?? { length: size }, (image, i) => BigInt(image ?? i))),
  'learning rate': ({ learningRate }) => {
    if (Number.isFinite(learningRate) && learningRate >= 0) return Float32Array.of(learningRate)
    throw trainingInvalid('a learning rate of at least 0', learningRate)
  },
  // Gumbel noise: added to log weights it makes the place of the largest a draw by weight. It is
  // drawn away from 0, whose logarithm is infinite.
  'negative noise': (_, size, random) =>
    Float32Array.from({ length: size }, () => -Math.log(-Math.log(random() + 2 ** -33))),
  learner: ({ learner }, size) => {
    const place = learner === 'all' ? size - 1 : learner
    if (learner !== 'all' && !isBelow(learner, size - 1)) {
      throw trainingInvalid(`a learner of 0 to ${size - 2} or all`, learner)
    }
    return Float32Array.from({ length: size }, (_, k) => (k === place ? 1 : 0))
  },
  'active learners': ({ activeLearners }, size) => {
    const count = activeLearners ?? size
    if (!isBelow(count - 1, size)) throw trainingInvalid(`1 to ${size} active learners`, count)
    return Float32Array.from({ length: size }, (_, k) => (k < count ? 1 : 0))
  },
}

/** Checks for a whole number from 0 to `limit` - 1. */
function isBelow(value: number | undefined, limit: number): boolean {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value < limit
}
