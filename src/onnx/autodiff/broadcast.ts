import type { Value } from './graph-builder.ts'

/** The shape of an element-wise result, by the rule of NumPy and ONNX. */
export function broadcastDims(a: Value, b: Value): number[] {
  const rank = Math.max(a.dims.length, b.dims.length)
  return Array.from({ length: rank }, (_, axis) => {
    const x = a.dims[axis - rank + a.dims.length] ?? 1
    const y = b.dims[axis - rank + b.dims.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new RangeError(
        `${a.graph.place}: expected shapes that broadcast, got [${a.dims}] (${a.name}) and [${b.dims}] (${b.name})`,
      )
    }
    return x === 1 ? y : x
  })
}

/** The axes of `value` along which a tensor of the shape `dims` was repeated. */
export function repeatedAxes(value: Value, dims: readonly number[]): number[] {
  const extra = value.dims.length - dims.length
  return value.dims.flatMap((size, axis) =>
    axis < extra || (dims[axis - extra] === 1 && size !== 1) ? [axis] : [],
  )
}
