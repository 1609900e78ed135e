import type { GraphBuilder, Value } from '../../onnx/autodiff/graph-builder.ts'
import type { ResolvedTraining, TrainingGraphOptions } from './graph-options.ts'

/** An input of each step, beside the state and one multiplier a parameter (`multiplierInput`). */
export interface StepInput {
  readonly key: StepInputKey
  /** The name in the graph. */
  readonly name: string
  readonly dims: readonly number[]
}

const STEP_INPUTS = {
  /** [n, inputDimensions]. */
  features: 'features',
  /** [n] int64, from 0 to classes - 1. */
  labels: 'labels',
  /** []. */
  learningRate: 'learning rate',
  /** [draws, n, n] Gumbel noise; of the margin objective. */
  noise: 'negative noise',
  /** [1, count + 1] one-hot, the last place for the conquer phase; of divide and conquer. */
  learner: 'learner',
  /** [1, count]: 1 for the learners that there are by now; of learnt masks. */
  activeLearners: 'active learners',
} as const

export type StepInputKey = keyof typeof STEP_INPUTS

/** Declares the inputs of a step when they are first needed. */
export class StepInputs {
  readonly #graph: GraphBuilder
  readonly #dims: Readonly<Record<StepInputKey, readonly number[]>>
  readonly #declared = new Map<StepInputKey, Value>()

  constructor(
    graph: GraphBuilder,
    { inputDimensions, batch }: TrainingGraphOptions,
    { batchSize, learners }: ResolvedTraining,
  ) {
    const count = learners?.count ?? 0
    this.#graph = graph
    this.#dims = {
      features: [batchSize, inputDimensions],
      labels: [batchSize],
      learningRate: [],
      noise: [Math.max(1, batch.perClass - 1), batchSize, batchSize],
      learner: [1, count + 1],
      activeLearners: [1, count],
    }
  }

  value(key: StepInputKey): Value {
    const known = this.#declared.get(key)
    if (known !== undefined) return known
    const type = key === 'labels' ? 'int64' : 'float'
    const value = this.#graph.input(STEP_INPUTS[key], this.#dims[key], type)
    this.#declared.set(key, value)
    return value
  }

  get all(): StepInput[] {
    return [...this.#declared].map(([key, { dims }]) => ({ key, name: STEP_INPUTS[key], dims }))
  }
}
