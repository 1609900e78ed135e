import type { Value } from './graph-builder.ts'
import { asValue, broadcastDims, type Operand, where } from './primitives.ts'

/** The operations without a slope: comparisons, masks (bool) and choices. */

/** Makes the value a constant to the gradient. */
export function detach(x: Value): Value {
  return x.graph.emit('Identity', [x], x.dims)
}

export function greater(a: Value, b: Operand): Value {
  return compare('Greater', a, b)
}

export function less(a: Value, b: Operand): Value {
  return compare('Less', a, b)
}

/** Compares floats or int64. */
export function equal(a: Value, b: Operand): Value {
  return compare('Equal', a, b)
}

export function and(first: Value, ...others: readonly Value[]): Value {
  return others.reduce((all, next) => compare('And', all, next), first)
}

export function not(mask: Value): Value {
  return mask.graph.emit('Not', [mask], mask.dims, { type: 'bool' })
}

/** Gives 1 where the mask holds, else 0. */
export function asFloat(mask: Value): Value {
  return mask.graph.emit('Cast', [mask], mask.dims, {
    attributes: { to: BigInt(mask.graph.elementType('float')) },
  })
}

/** Is true at the largest value of each row of [n, m], of ties at the first. */
export function rowArgMax(x: Value): Value {
  const [n = 0, m = 0] = x.dims
  const place = x.graph.emit('ArgMax', [x], [n, 1], {
    type: 'int64',
    attributes: { axis: 1n, keepdims: 1n, select_last_index: 0n },
  })
  return equal(place, indexRow(x, m))
}

/** [1, m] int64: 0 to m - 1. */
export function indexRow({ graph }: Value, m: number): Value {
  return graph.constant([...Array(m).keys()], [1, m], 'int64')
}

/** Is true where any is along `axes`, which stay with size 1. */
export function any(mask: Value, axes: readonly number[]): Value {
  const dims = mask.dims.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const largest = mask.graph.emit('ReduceMax', [where(mask, 1, 0)], dims, {
    attributes: { axes: axes.map(BigInt), keepdims: 1n },
  })
  return greater(largest, 0)
}

function compare(operator: string, a: Value, b: Operand): Value {
  const y = asValue(b, a)
  return a.graph.emit(operator, [a, y], broadcastDims(a, y), { type: 'bool' })
}
