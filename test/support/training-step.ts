import { type Step, stackSteps, stepTensors } from '../../src/learning/graph/step-tensors.ts'
import type { TrainingGraph } from '../../src/learning/graph/training-graph.ts'
import { multiplierInput } from '../../src/onnx/autodiff/optimiser.ts'
import { type Random, seededRandom } from '../../src/vector/random.ts'
import { type Feeds, openGraph } from './run-graph.ts'

export type State = Record<string, Float64Array>

interface StepResult {
  readonly reports: Record<string, number>
  /** After the step. */
  readonly state: State
}

export interface SteppingGraph extends AsyncDisposable {
  /** The state before the first step. */
  readonly initial: State
  /** @param multiplier of the learning rate of all parameters; their own where it is left out. */
  step(step: Step, random: Random, state: State, multiplier?: number): Promise<StepResult>
}

/** A training graph that is run step by step, its state outside. */
export async function openSteps(
  graph: TrainingGraph,
  precision: 'float32' | 'float64' = 'float32',
): Promise<SteppingGraph> {
  const runnable = await openGraph(graph.bytes)
  const float = (values: Float32Array | Float64Array) =>
    precision === 'float64' ? Float64Array.from(values) : Float32Array.from(values)
  return {
    initial: Object.fromEntries(
      graph.state.map(({ name, initial }) => [name, Float64Array.from(initial)]),
    ),
    async step(step, random, state, multiplier) {
      const feeds: Record<string, Feeds[string]> = {}
      const tensors = stackSteps([stepTensors(graph, step, random)])
      for (const [name, { dims, values }] of Object.entries(tensors)) {
        feeds[name] = { dims, values: values instanceof BigInt64Array ? values : float(values) }
      }
      if (multiplier !== undefined) {
        const one = { dims: [1], values: float(Float32Array.of(multiplier)) }
        for (const { name } of graph.parameters) feeds[multiplierInput(name)] = one
      }
      for (const { name, dims } of graph.state) feeds[name] = { dims, values: float(state[name]!) }
      const outputs = await runnable.run(feeds)
      return {
        reports: Object.fromEntries(graph.reports.map((name) => [name, outputs[name]![0]!])),
        state: Object.fromEntries(graph.state.map(({ name, next }) => [name, outputs[next]!])),
      }
    },
    [Symbol.asyncDispose]: () => runnable[Symbol.asyncDispose](),
  }
}

/** The gradient of each parameter: what a step of SGD without momentum at rate 1 takes away. */
export async function gradientsOf(
  steps: SteppingGraph,
  graph: TrainingGraph,
  step: Step,
  seed: number,
  at: State,
): Promise<State> {
  const { state } = await steps.step({ ...step, learningRate: 1 }, seededRandom(seed), at, 1)
  return Object.fromEntries(
    graph.parameters.map(({ name }) => [
      name,
      at[name]!.map((before, i) => before - state[name]![i]!),
    ]),
  )
}
