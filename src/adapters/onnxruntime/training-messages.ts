import type { Provider } from './session-messages.ts'

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

export type ToTraining =
  | { readonly kind: 'steps'; readonly inputs: Readonly<Record<string, TrainingTensor>> }
  | { readonly kind: 'read'; readonly names: readonly string[] }
  | { readonly kind: 'write'; readonly values: Readonly<Record<string, Float32Array>> }
  | { readonly kind: 'embed'; readonly features: Float32Array; readonly rows: number }
  | { readonly kind: 'close' }

export type FromTraining =
  | { readonly kind: 'ready'; readonly provider: Provider; readonly fallbackReason: string | null }
  | {
      readonly kind: 'refused'
      readonly fault: 'provider' | 'model'
      readonly reason: string
    }
  | { readonly kind: 'stepped'; readonly reports: Readonly<Record<string, Float32Array>> }
  | { readonly kind: 'read'; readonly values: Readonly<Record<string, Float32Array>> }
  | { readonly kind: 'written' }
  | { readonly kind: 'embedded'; readonly vectors: Float32Array }
  | { readonly kind: 'failed'; readonly reason: string }
