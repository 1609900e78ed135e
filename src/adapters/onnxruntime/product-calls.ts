/** ONNX files: `left` and `right` in, `products` out, for inputs of each type. */
export interface ProductGraphs {
  readonly float32: Uint8Array
  readonly float64: Uint8Array
}

/** A row-major matrix, with nothing else in its buffer. */
export interface SentMatrix {
  readonly values: Float32Array | Float64Array
  readonly dims: readonly [rows: number, columns: number]
}

export type ProductCalls = {
  multiply: {
    args: {
      readonly type: keyof ProductGraphs
      readonly left: SentMatrix
      readonly right: SentMatrix
    }
    result: Float64Array
  }
}
