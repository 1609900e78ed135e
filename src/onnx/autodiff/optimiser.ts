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
  readonly value: Value
  readonly initial: Float32Array
  /** False for what weight decay would pull away from its meaning, as biases and boundaries. */
  readonly decays: boolean
}

/** A tensor that one step hands to the next: the output `next` becomes the input `name`. */
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
  const masses = optimiser.kind === 'sgd' ? null : adamMasses(state, optimiser)
  const stepped = parameters.map(({ value, initial, decays }, i): StateTensor => {
    const { name, dims } = value
    const next = graph.scope(`${optimiser.kind}/${name}`, () => {
      const rate = mul(graph.input(multiplierInput(name), []), learningRate)
      const decay = decays ? optimiser.weightDecay : 0
      const decoupled = optimiser.kind === 'adamw'
      const pulled =
        decoupled || decay === 0 ? gradients[i]! : add(gradients[i]!, mul(value, decay))
      const direction =
        optimiser.kind === 'sgd'
          ? momentumDirection(state, optimiser.momentum, name, pulled)
          : adamDirection(state, optimiser, masses!, name, pulled)
      const decayed = decoupled && decay !== 0 ? sub(value, mul(mul(value, decay), rate)) : value
      return sub(decayed, mul(direction, rate))
    })
    return state.hand({ name, dims, initial, next })
  })
  return [...stepped, ...state.tensors.filter((tensor) => !stepped.includes(tensor))]
}

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
    const tensor = { ...of, next: `next ${of.name}` }
    this.#graph.output(tensor.next, of.next)
    this.tensors.push(tensor)
    return tensor
  }
}

type Adam = Extract<Optimiser, { beta1: number }>

function momentumDirection(state: State, momentum: number, name: string, gradient: Value): Value {
  if (momentum === 0) return gradient
  return state.carry(`momentum of ${name}`, gradient.dims, (before) =>
    add(mul(before, momentum), gradient),
  )
}

function adamDirection(
  state: State,
  { beta1, beta2, epsilon }: Adam,
  masses: { readonly first: Value; readonly second: Value },
  name: string,
  gradient: Value,
): Value {
  const { dims } = gradient
  const first = state.carry(`first moment of ${name}`, dims, (before) =>
    add(mul(before, beta1), mul(gradient, 1 - beta1)),
  )
  const second = state.carry(`second moment of ${name}`, dims, (before) =>
    add(mul(before, beta2), mul(square(gradient), 1 - beta2)),
  )
  return div(div(first, masses.first), add(sqrt(div(second, masses.second)), epsilon))
}

/**
 * The bias corrections 1 - beta^t, carried on as moments of the constant 1: in float32 the power
 * loses what the subtraction needs.
 */
function adamMasses(state: State, { beta1, beta2 }: Adam) {
  const mass = (which: string, beta: number) =>
    state.carry(`${which} mass`, [], (before) => add(mul(before, beta), 1 - beta))
  return { first: mass('first', beta1), second: mass('second', beta2) }
}
