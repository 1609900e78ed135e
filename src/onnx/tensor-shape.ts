import type { ValueInfoProto } from 'onnx-buf'

/** A declared tensor: its element type, and its dimensions (null where symbolic or unsaid). */
export interface DeclaredTensor {
  readonly elemType: number
  /** Null when the rank itself is unsaid. */
  readonly dims: readonly (number | null)[] | null
}

/** What a graph says of one input or output; null when it is no tensor. */
export function declaredTensor(info: ValueInfoProto): DeclaredTensor | null {
  if (info.type?.value.case !== 'tensorType') return null
  const { elemType, shape } = info.type.value.value
  const dims = shape?.dim.map(({ value }) => {
    // Exporters write -1 and 0 for "any".
    return value.case === 'dimValue' && value.value > 0n ? Number(value.value) : null
  })
  return { elemType, dims: dims ?? null }
}

/** For messages: `[?, 3, 224, 224]`. */
export function shownDims(dims: DeclaredTensor['dims']): string {
  return dims === null ? 'unknown shape' : `[${dims.map((size) => size ?? '?').join(', ')}]`
}
