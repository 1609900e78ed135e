import type { Provider } from './session-calls.ts'

/** float32 or int64, row-major. */
export interface TrainingTensor {
  readonly dims: readonly number[]
  readonly values: Float32Array | BigInt64Array
}

/** A tensor that steps hand on: the output `next` becomes the input `name`. */
export interface TrainingState {
  readonly name: string
  readonly next: string
  readonly dims: readonly number[]
  readonly initial: Float32Array
}

/** `workerData` of the training thread. */
export interface TrainingStart {
  /** The ONNX file of training steps; inputs but the state have a first axis, a slice for each. */
  readonly graph: Uint8Array
  readonly state: readonly TrainingState[]
  /** Outputs of one number a step. */
  readonly reports: readonly string[]
  /**
   * Features [batch, width] in, the first output [batch, d] out; its other inputs are state. Null
   * where nothing is to be embedded.
   */
  readonly embedding: Uint8Array | null
  readonly provider: Provider | 'auto'
}

export interface TrainingReady {
  readonly provider: Provider
  readonly fallbackReason: string | null
}

/** See `TrainingSession`. */
export interface TrainingCalls {
  steps(inputs: Readonly<Record<string, TrainingTensor>>): Record<string, Float32Array>
  read(names: readonly string[]): Record<string, Float32Array>
  write(values: Readonly<Record<string, Float32Array>>): void
  embed(args: { readonly features: Float32Array; readonly rows: number }): Float32Array
}
