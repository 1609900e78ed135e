import type { Value } from './graph-builder.ts'
import { add } from './primitives.ts'

/**
 * Finds the gradients of a scalar with respect to `parameters` in reverse mode, as further values of
 * the graph. Nodes are emitted only on the way from the loss to a parameter, and are named for the
 * value whose gradient they pass on.
 */
export function gradients(loss: Value, parameters: readonly Value[]): Value[] {
  if (loss.dims.some((size) => size !== 1)) {
    throw new RangeError(`expected a scalar loss, got shape [${loss.dims}]`)
  }
  const { graph } = loss
  const values = upstream(loss)
  const leads = leadingTo(values, parameters)
  const total = new Map<number, Value>([[loss.id, graph.constant([1], loss.dims)]])
  for (const value of values.toReversed()) {
    const gradient = total.get(value.id)
    if (gradient === undefined) continue
    graph.scope(`gradient of ${value.name}`, () => {
      for (const [i, parent] of value.parents.entries()) {
        const pullback = value.pullbacks[i] ?? null
        if (pullback === null || !leads.has(parent.id)) continue
        const share = pullback(gradient)
        const sofar = total.get(parent.id)
        total.set(parent.id, sofar === undefined ? share : add(sofar, share))
      }
    })
  }
  return parameters.map((parameter) => {
    const gradient = total.get(parameter.id)
    if (gradient === undefined)
      throw new RangeError(`the loss does not depend on ${parameter.name}`)
    return gradient
  })
}

/** Lists the values that the loss is made of, each after its parents. */
function upstream(loss: Value): Value[] {
  const found = new Map<number, Value>([[loss.id, loss]])
  const waiting = [loss]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    for (const parent of value.parents) {
      if (found.has(parent.id)) continue
      found.set(parent.id, parent)
      waiting.push(parent)
    }
  }
  return [...found.values()].sort((a, b) => a.id - b.id)
}

/** Finds the ids of the values through which a gradient reaches a parameter. */
function leadingTo(values: readonly Value[], parameters: readonly Value[]): Set<number> {
  const leads = new Set(parameters.map(({ id }) => id))
  for (const { id, parents, pullbacks } of values) {
    if (parents.some((parent, i) => pullbacks[i] && leads.has(parent.id))) leads.add(id)
  }
  return leads
}
