import type { Provider, SessionProvider } from './session-calls.ts'

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
  readonly provider: SessionProvider
}

type Tensors<Values> = Readonly<Record<string, Values>>

/** Each throws THREAD_FAILED when the thread is gone, or cannot do it. */
export interface TrainingCalls {
  /**
   * Takes steps. The state is copied once for all of them, so that a few at a time cost less each. Where the graph cannot
   * be run, the state is that before the steps.
   * @param inputs all inputs of the graph but the state, by name; a first axis has a slice for each step.
   * @returns the reports by name, a number for each step. Steps are taken also when they are not finite.
   */
  steps(inputs: Tensors<TrainingTensor>): Record<string, Float32Array>
  /** Copies state tensors by name. */
  read(names: readonly string[]): Record<string, Float32Array>
  /** Replaces state tensors by others of their sizes. */
  write(values: Tensors<Float32Array>): void
  /**
   * Embeds rows of features with the parameters as they are. There must be an embedding graph.
   * @returns `rows` x dimensions numbers.
   */
  embed(args: { readonly features: Float32Array; readonly rows: number }): Float32Array
}
