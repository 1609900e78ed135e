import { inBlocks } from './blocks.ts'
import { square } from './formulas.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import { add, div, mul, reshape, sqrt, sub } from './primitives.ts'
import type { Carried } from './repeated-graph.ts'

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
  /** The shape in which steps hand it on: [blocks, numbers]. */
  readonly kept: Value
  readonly initial: Float32Array
  /** False for what weight decay would pull away from its meaning, as biases and boundaries. */
  readonly decays: boolean
}

/** A tensor that one step hands to the next: the graph's output `next` becomes its input `name`. */
export interface StateTensor extends Carried {
  readonly initial: Float32Array
}

/** Names the graph's input, a scalar, by which the learning rate of one parameter is multiplied. */
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
  const moments: StateTensor[] = []
  const carry: Carry = (names, dims, update) => {
    const size = dims.reduce((product, length) => product * length, 1)
    const [result, ...after] = update(names.map((name) => graph.input(name, dims)))
    for (const [i, name] of names.entries()) {
      moments.push({ name, dims, initial: new Float32Array(size), next: graph.expose(after[i]!) })
    }
    return result!
  }
  const step =
    optimiser.kind === 'sgd'
      ? sgdStep(carry, optimiser, learningRate)
      : adamStep(carry, optimiser, learningRate)
  const stepped = parameters.map((parameter, i): StateTensor => {
    const { name, kept, initial } = parameter
    const next = graph.scope(`${optimiser.kind}/${name}`, () => {
      const multiplier = graph.input(multiplierInput(name), [])
      return step(parameter, reshape(gradients[i]!, kept.dims), multiplier)
    })
    return { name, dims: kept.dims, initial, next: graph.expose(next) }
  })
  return [...stepped, ...moments]
}

/** Emits the new value of a parameter; the gradient has the shape that the parameter is kept in. */
type Step = (parameter: Parameter, gradient: Value, multiplier: Value) => Value

/**
 * Declares state tensors of zeros, in the shape of `dims`, that `update` carries on.
 * @param update makes of their values before the step a result, and behind it their next values.
 * @returns the result.
 */
type Carry = (
  names: readonly string[],
  dims: readonly number[],
  update: (before: readonly Value[]) => readonly Value[],
) => Value

type Adam = Extract<Optimiser, { beta1: number }>
type Sgd = Extract<Optimiser, { kind: 'sgd' }>

function sgdStep(carry: Carry, { momentum, weightDecay }: Sgd, learningRate: Value): Step {
  return ({ name, kept, decays }, gradient, multiplier) => {
    const rate = mul(multiplier, learningRate)
    const decay = decays ? weightDecay : 0
    const names = momentum === 0 ? [] : [`momentum of ${name}`]
    return carry(names, kept.dims, (moments) =>
      inBlocks([kept, gradient, ...moments], ([w, g, before]) => {
        const pulled = withDecay(g!, w!, decay)
        if (before === undefined) return [sub(w!, mul(pulled, rate))]
        const direction = add(mul(before, momentum), pulled)
        return [sub(w!, mul(direction, rate)), direction]
      }),
    )
  }
}

/**
 * Every node over a whole parameter is a walk through memory, which is what a step costs. So it is
 * done in blocks, the moments are kept as sums, m / (1 - beta1) and v / (1 - beta2), and all
 * corrections by scalars are drawn into two: with c = (1 - beta) / (1 - beta^t) for each moment, the
 * step is rate c1 / sqrt(c2) m / (sqrt(v) + epsilon / sqrt(c2)).
 */
function adamStep(carry: Carry, optimiser: Adam, learningRate: Value): Step {
  const { kind, beta1, beta2, epsilon, weightDecay } = optimiser
  const { graph } = learningRate
  // 1 - beta^t, carried on as moments of 1: in float32 the power loses what the subtraction needs.
  const correction = (which: string, beta: number) =>
    div(
      graph.scalar(1 - beta),
      carry([`${which} mass`], [], ([before]) => {
        const mass = add(mul(before!, beta), 1 - beta)
        return [mass, mass]
      }),
    )
  const [first, second] = [correction('first', beta1), sqrt(correction('second', beta2))]
  const floor = div(graph.scalar(epsilon), second)
  const scale = div(first, second)
  return ({ name, kept, decays }, gradient, multiplier) => {
    const rate = mul(multiplier, learningRate)
    const decay = decays ? weightDecay : 0
    const stride = mul(rate, scale)
    const shrink = decay !== 0 && kind === 'adamw' ? sub(graph.scalar(1), mul(rate, decay)) : null
    const names = [`first moment of ${name}`, `second moment of ${name}`]
    return carry(names, kept.dims, (moments) =>
      inBlocks([kept, gradient, ...moments], ([w, g, mBefore, vBefore]) => {
        const pulled = kind === 'adam' ? withDecay(g!, w!, decay) : g!
        const m = add(mul(mBefore!, beta1), pulled)
        const v = add(mul(vBefore!, beta2), square(pulled))
        const moved = mul(div(m, add(sqrt(v), floor)), stride)
        return [sub(shrink === null ? w! : mul(w!, shrink), moved), m, v]
      }),
    )
  }
}

function withDecay(gradient: Value, weight: Value, decay: number): Value {
  return decay === 0 ? gradient : add(gradient, mul(weight, decay))
}
