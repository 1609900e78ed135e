import type { GraphBuilder, Value } from '../../onnx/autodiff/graph-builder.ts'
import type { ResolvedTraining, TrainingGraphOptions } from './graph-options.ts'

/** The inputs of a step, beside the state and one multiplier a parameter (`multiplierInput`). */
export type StepInputName =
  | 'features'
  | 'whole features'
  | 'labels'
  | 'images'
  | 'learning rate'
  | 'negative noise'
  | 'learner'
  | 'active learners'

/** Declares the inputs of a step when they are first needed. */
export class StepInputs {
  readonly #graph: GraphBuilder
  readonly #dims: Readonly<Record<StepInputName, readonly number[]>>
  readonly #declared = new Map<StepInputName, Value>()

  constructor(
    graph: GraphBuilder,
    { inputDimensions, batch }: TrainingGraphOptions,
    { batchSize, learners }: ResolvedTraining,
  ) {
    const count = learners?.count ?? 0
    this.#graph = graph
    this.#dims = {
      features: [batchSize, inputDimensions],
      // Before any were dropped; for JRD on a linear head.
      'whole features': [batchSize, inputDimensions],
      // int64, from 0 to classes - 1.
      labels: [batchSize],
      // int64: places with one number hold one image.
      images: [batchSize],
      'learning rate': [],
      // Gumbel noise for each draw, of the margin objective.
      'negative noise': [Math.max(1, batch.perClass - 1), batchSize, batchSize],
      // One-hot, the last place for the conquer phase.
      learner: [1, count + 1],
      // 1 for the learners that there are by now; of learnt masks.
      'active learners': [1, count],
    }
  }

  value(name: StepInputName): Value {
    const known = this.#declared.get(name)
    if (known !== undefined) return known
    const type = name === 'labels' || name === 'images' ? 'int64' : 'float'
    const value = this.#graph.input(name, this.#dims[name], type)
    this.#declared.set(name, value)
    return value
  }

  get all() {
    return [...this.#declared].map(([name, { dims }]) => ({ name, dims }))
  }
}
