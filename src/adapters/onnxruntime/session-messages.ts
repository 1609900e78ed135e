/** Providers by the names that configuration and onnxruntime share. */
export type Provider = 'cpu' | 'cuda' | 'tensorrt'

/** `workerData` of the session's thread. */
export interface SessionStart {
  /** The ONNX file; its buffer goes to the thread. */
  readonly model: Uint8Array<ArrayBuffer>
  readonly inputName: string
  readonly outputName: string
  readonly width: number
  readonly height: number
  readonly dimensions: number
  /** Batches that the graph takes, and that memory should be spent on, have at most so many. */
  readonly maxBatch: number
  /** Whether to find out which batch is worth waiting for; `maxBatch` is taken otherwise. */
  readonly calibrate: boolean
  readonly provider: Provider | 'auto'
  /** Number of the GPU; of no account on the CPU. */
  readonly gpuDevice: number
  /** Threads of one operator on the CPU; null leaves it to onnxruntime. */
  readonly threads: number | null
}

export type ToSession =
  | { readonly kind: 'run'; readonly batch: number; readonly pixels: Uint8Array }
  | { readonly kind: 'close' }

export type FromSession =
  | {
      readonly kind: 'ready'
      readonly provider: Provider
      readonly fallbackReason: string | null
      /** Images of one batch from now on. */
      readonly maxBatch: number
    }
  | {
      readonly kind: 'refused'
      /** `provider`: it cannot start; `model`: it started, and the graph is no good. */
      readonly fault: 'provider' | 'model'
      readonly reason: string
    }
  | { readonly kind: 'vectors'; readonly vectors: Float32Array }
  | { readonly kind: 'failed'; readonly reason: string }
