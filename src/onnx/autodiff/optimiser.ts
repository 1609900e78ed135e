import { square } from './formulas.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import { add, div, mul, sqrt, sub } from './primitives.ts'

/**
 * `adam` adds the decay to the gradient (Kingma and Ba 2015), `adamw` takes it from the weights
 * (Loshchilov and Hutter 2019), `sgd` adds it to the gradient before the momentum, as PyTorch does.
 */
export type Optimiser =
  | { readonly kind: 'sgd'; readonly momentum: number; readonly weightDecay: number }
  | {
      readonly kind: 'adam' | 'adamw'
      readonly beta1: number
      readonly beta2: number
      readonly epsilon: number
      readonly weightDecay: number
    }

/** A tensor that a training step learns. */
export interface Parameter {
  readonly name: string
  readonly value: Value
  readonly initial: Float32Array
  /** False for what weight decay would pull away from its meaning, as biases and boundaries. */
  readonly decays: boolean
}

/** A tensor that one step hands to the next: the graph's output `next` becomes its input `name`. */
export interface StateTensor {
  readonly name: string
  readonly next: string
  readonly dims: readonly number[]
  /** Before the first step. */
  readonly initial: Float32Array
}

/** The graph's input by which the learning rate of one parameter is multiplied; a scalar. */
export function multiplierInput(parameter: string): string {
  return `multiplier of ${parameter}`
}

/**
 * Emits one step for every parameter: new values and optimiser state as outputs, and as inputs the
 * parameter's multiplier and the state.
 * @returns all that a step hands to the next, the parameters first.
 */
export function emitStep(
  graph: GraphBuilder,
  optimiser: Optimiser,
  learningRate: Value,
  parameters: readonly Parameter[],
  gradients: readonly Value[],
): StateTensor[] {
  const state = new State(graph)
  const step =
    optimiser.kind === 'sgd'
      ? sgdStep(state, optimiser, learningRate)
      : adamStep(state, optimiser, learningRate)
  const stepped = parameters.map((parameter, i): StateTensor => {
    const { name, value, initial } = parameter
    const next = graph.scope(`${optimiser.kind}/${name}`, () => {
      const multiplier = graph.input(multiplierInput(name), [])
      return step(parameter, gradients[i]!, multiplier)
    })
    return state.hand({ name, dims: value.dims, initial, next })
  })
  return [...stepped, ...state.tensors.filter((tensor) => !stepped.includes(tensor))]
}

/** Emits the new value of a parameter. */
type Step = (parameter: Parameter, gradient: Value, multiplier: Value) => Value

/** Collects what steps hand on. */
class State {
  readonly tensors: StateTensor[] = []
  readonly #graph: GraphBuilder

  constructor(graph: GraphBuilder) {
    this.#graph = graph
  }

  /** Declares a state tensor of zeros that `update` carries on; gives the value after the step. */
  carry(name: string, dims: readonly number[], update: (before: Value) => Value): Value {
    const size = dims.reduce((product, length) => product * length, 1)
    const next = update(this.#graph.input(name, dims))
    this.hand({ name, dims, initial: new Float32Array(size), next })
    return next
  }

  hand(of: {
    name: string
    dims: readonly number[]
    initial: Float32Array
    next: Value
  }): StateTensor {
    const tensor = { ...of, next: this.#graph.expose(of.next) }
    this.tensors.push(tensor)
    return tensor
  }
}

type Adam = Extract<Optimiser, { beta1: number }>
type Sgd = Extract<Optimiser, { kind: 'sgd' }>

function sgdStep(state: State, { momentum, weightDecay }: Sgd, learningRate: Value): Step {
  return ({ name, value, decays }, gradient, multiplier) => {
    const pulled = decays ? withDecay(gradient, value, weightDecay) : gradient
    const direction =
      momentum === 0
        ? pulled
        : state.carry(`momentum of ${name}`, value.dims, (before) =>
            add(mul(before, momentum), pulled),
          )
    return sub(value, mul(direction, mul(multiplier, learningRate)))
  }
}

/**
 * Every node over a whole parameter is a walk through memory, which is what a step costs. So the
 * moments are kept as sums, m / (1 - beta1) and v / (1 - beta2), and all corrections by scalars are
 * drawn into two: with c = (1 - beta) / (1 - beta^t) for each moment, the step is
 * rate c1 / sqrt(c2) m / (sqrt(v) + epsilon / sqrt(c2)).
 */
function adamStep(state: State, optimiser: Adam, learningRate: Value): Step {
  const { kind, beta1, beta2, epsilon, weightDecay } = optimiser
  const { graph } = learningRate
  // 1 - beta^t, carried on as moments of 1: in float32 the power loses what the subtraction needs.
  const correction = (which: string, beta: number) =>
    div(
      graph.scalar(1 - beta),
      state.carry(`${which} mass`, [], (before) => add(mul(before, beta), 1 - beta)),
    )
  const [first, second] = [correction('first', beta1), sqrt(correction('second', beta2))]
  const floor = div(graph.scalar(epsilon), second)
  const scale = div(first, second)
  return ({ name, value, decays }, gradient, multiplier) => {
    const { dims } = value
    const rate = mul(multiplier, learningRate)
    const decay = decays ? weightDecay : 0
    const pulled = kind === 'adam' ? withDecay(gradient, value, decay) : gradient
    const m = state.carry(`first moment of ${name}`, dims, (before) =>
      add(mul(before, beta1), pulled),
    )
    const v = state.carry(`second moment of ${name}`, dims, (before) =>
      add(mul(before, beta2), square(pulled)),
    )
    const moved = mul(div(m, add(sqrt(v), floor)), mul(rate, scale))
    const kept =
      kind === 'adamw' && decay !== 0 ? mul(value, sub(graph.scalar(1), mul(rate, decay))) : value
    return sub(kept, moved)
  }
}

function withDecay(gradient: Value, value: Value, decay: number): Value {
  return decay === 0 ? gradient : add(gradient, mul(value, decay))
}
