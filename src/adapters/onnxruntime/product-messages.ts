/** ONNX files: `left` and `right` in, `products` out, for inputs of each type. */
export interface ProductGraphs {
  readonly float32: Uint8Array
  readonly float64: Uint8Array
}

/** Row-major, without anything else in their buffers. */
export interface SentMatrix {
  readonly values: Float32Array | Float64Array
  readonly dims: readonly [rows: number, columns: number]
}

export type ToProducts =
  | {
      readonly kind: 'multiply'
      readonly type: keyof ProductGraphs
      readonly left: SentMatrix
      readonly right: SentMatrix
    }
  | { readonly kind: 'close' }

export type FromProducts =
  | { readonly kind: 'ready' }
  | { readonly kind: 'products'; readonly values: Float64Array<ArrayBuffer> }
  | { readonly kind: 'failed'; readonly reason: string }
