import type { Value } from './graph-builder.ts'

/**
 * The differentiable primitives. Gradients are made of the same primitives; each is checked against
 * finite differences in test/onnx/autodiff.
 */

/** A number stands for a constant scalar. */
export type Operand = Value | number

export function asValue(operand: Operand, like: Value): Value {
  return typeof operand === 'number' ? like.graph.scalar(operand) : operand
}

/** a + b, broadcasting. */
export function add(a: Value, b: Operand): Value {
  const y = asValue(b, a)
  return a.graph.emit('Add', [a, y], broadcastDims(a, y), {
    pullbacks: [(g) => sumTo(g, a.dims), (g) => sumTo(g, y.dims)],
  })
}

/** a - b, broadcasting. */
export function sub(a: Value, b: Operand): Value {
  const y = asValue(b, a)
  return a.graph.emit('Sub', [a, y], broadcastDims(a, y), {
    pullbacks: [(g) => sumTo(g, a.dims), (g) => sumTo(neg(g), y.dims)],
  })
}

/** a * b, broadcasting. */
export function mul(a: Value, b: Operand): Value {
  const y = asValue(b, a)
  return a.graph.emit('Mul', [a, y], broadcastDims(a, y), {
    pullbacks: [(g) => sumTo(mul(g, y), a.dims), (g) => sumTo(mul(g, a), y.dims)],
  })
}

/** a / b, broadcasting. The caller keeps b away from zero. */
export function div(a: Value, b: Operand): Value {
  const y = asValue(b, a)
  const ratio: Value = a.graph.emit('Div', [a, y], broadcastDims(a, y), {
    pullbacks: [(g) => sumTo(div(g, y), a.dims), (g) => sumTo(neg(div(mul(g, ratio), y)), y.dims)],
  })
  return ratio
}

export function neg(x: Value): Value {
  return x.graph.emit('Neg', [x], x.dims, { pullbacks: [neg] })
}

export function exp(x: Value): Value {
  const power: Value = x.graph.emit('Exp', [x], x.dims, { pullbacks: [(g) => mul(g, power)] })
  return power
}

/** Natural logarithm. The caller keeps x above zero. */
export function log(x: Value): Value {
  return x.graph.emit('Log', [x], x.dims, { pullbacks: [(g) => div(g, x)] })
}

/** The caller keeps x above zero: the slope at zero is infinite, which duplicates would meet. */
export function sqrt(x: Value): Value {
  const root: Value = x.graph.emit('Sqrt', [x], x.dims, {
    pullbacks: [(g) => div(mul(g, 0.5), root)],
  })
  return root
}

/** max(x, floor), element by element. At the floor itself the slope is 0, as that of relu. */
export function atLeast(x: Value, floor: number): Value {
  const limit = x.graph.scalar(floor)
  return x.graph.emit('Max', [x, limit], x.dims, {
    pullbacks: [
      (g) => where(x.graph.emit('Greater', [x, limit], x.dims, { type: 'bool' }), g, 0),
      null,
    ],
  })
}

/** Gives a where `condition` (bool) holds, elsewhere b; broadcasting. */
export function where(condition: Value, a: Operand, b: Operand): Value {
  const [x, y] = [asValue(a, condition), asValue(b, condition)]
  const between = { ...x, dims: broadcastDims(x, y) }
  return condition.graph.emit('Where', [condition, x, y], broadcastDims(condition, between), {
    pullbacks: [
      null,
      (g) => sumTo(where(condition, g, 0), x.dims),
      (g) => sumTo(where(condition, 0, g), y.dims),
    ],
  })
}

/** [n, k] x [k, m] -> [n, m]. */
export function matmul(a: Value, b: Value): Value {
  const [n, k] = matrixDims(a)
  const [rows, m] = matrixDims(b)
  if (k !== rows) {
    throw new RangeError(`${a.graph.place}: cannot multiply [${a.dims}] by [${b.dims}]`)
  }
  return a.graph.emit('MatMul', [a, b], [n, m], {
    pullbacks: [(g) => matmul(g, transpose(b)), (g) => matmul(transpose(a), g)],
  })
}

/** [n, m] -> [m, n]. */
export function transpose(x: Value): Value {
  const [n, m] = matrixDims(x)
  return x.graph.emit('Transpose', [x], [m, n], {
    attributes: { perm: [1n, 0n] },
    pullbacks: [transpose],
  })
}

export function reshape(x: Value, dims: readonly number[]): Value {
  const count = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1)
  if (count(dims) !== count(x.dims)) {
    throw new RangeError(`${x.graph.place}: cannot reshape [${x.dims}] to [${dims}]`)
  }
  return x.graph.emit('Reshape', [x], dims, {
    type: x.type,
    further: [x.graph.constant(dims, [dims.length], 'int64').name],
    pullbacks: [(g) => reshape(g, x.dims)],
  })
}

/** Sums along `axes`, which stay with size 1. */
export function sum(x: Value, axes: readonly number[] = [...x.dims.keys()]): Value {
  if (axes.length === 0) return x
  return x.graph.emit('ReduceSum', [x], keptDims(x, axes), {
    further: [x.graph.constant(axes, [axes.length], 'int64').name],
    attributes: { keepdims: 1n },
    pullbacks: [(g) => expand(g, x.dims)],
  })
}

/** Takes the largest value along `axes`, which stay with size 1. Ties share the gradient evenly. */
export function max(x: Value, axes: readonly number[]): Value {
  const largest: Value = x.graph.emit('ReduceMax', [x], keptDims(x, axes), {
    attributes: { axes: axes.map(BigInt), keepdims: 1n },
    pullbacks: [
      (g) => {
        const tied = x.graph.emit('Equal', [x, largest], x.dims, { type: 'bool' })
        const share = where(tied, 1, 0)
        return div(mul(share, g), sum(share, axes))
      },
    ],
  })
  return largest
}

function expand(x: Value, dims: readonly number[]): Value {
  return x.graph.emit('Expand', [x], dims, {
    further: [x.graph.constant(dims, [dims.length], 'int64').name],
    pullbacks: [(g) => sumTo(g, x.dims)],
  })
}

/** Undoes broadcasting: sums along what was repeated. */
function sumTo(gradient: Value, dims: readonly number[]): Value {
  const summed = sum(gradient, repeatedAxes(gradient, dims))
  return summed.dims.length === dims.length ? summed : reshape(summed, dims)
}

function keptDims(x: Value, axes: readonly number[]): number[] {
  return x.dims.map((size, axis) => (axes.includes(axis) ? 1 : size))
}

function matrixDims({ dims, graph }: Value): [number, number] {
  const [n, m] = dims
  if (dims.length !== 2 || n === undefined || m === undefined) {
    throw new RangeError(`${graph.place}: expected a matrix, got shape [${dims}]`)
  }
  return [n, m]
}

/** Finds the shape of an element-wise result, by the rule of NumPy and ONNX. */
export function broadcastDims(a: Value, b: Value): number[] {
  const rank = Math.max(a.dims.length, b.dims.length)
  return Array.from({ length: rank }, (_, axis) => {
    const x = a.dims[axis - rank + a.dims.length] ?? 1
    const y = b.dims[axis - rank + b.dims.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      const got = `[${a.dims}] (${a.name}) and [${b.dims}] (${b.name})`
      throw new RangeError(`${a.graph.place}: expected shapes that broadcast, got ${got}`)
    }
    return x === 1 ? y : x
  })
}

/** Finds the axes of `value` along which a tensor of the shape `dims` was repeated. */
function repeatedAxes(value: Value, dims: readonly number[]): number[] {
  const extra = value.dims.length - dims.length
  return value.dims.flatMap((size, axis) =>
    axis < extra || (dims[axis - extra] === 1 && size !== 1) ? [axis] : [],
  )
}
