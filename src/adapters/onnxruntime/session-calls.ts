/** Providers by the names that configuration and onnxruntime share. */
export type Provider = 'cpu' | 'cuda' | 'tensorrt'

/** The provider that a session runs on. */
export interface SessionProvider {
  readonly name: Provider
  /** Why it is not the first choice of `auto`. */
  readonly fallbackReason: string | null
}

/** The model of a session, and how it is run. */
export interface SessionStart {
  /** The ONNX file; its buffer goes to the thread. */
  readonly model: Uint8Array<ArrayBuffer>
  readonly inputName: string
  readonly outputName: string
  readonly width: number
  readonly height: number
  readonly dimensions: number
  /** Batches that the graph takes, and that memory should be spent on, have at most this many. */
  readonly maxBatch: number
  /** Whether to find out which batch is worth waiting for; `maxBatch` is taken otherwise. */
  readonly calibrate: boolean
  readonly provider: Provider | 'auto'
  /** Number of the GPU; of no account on the CPU. */
  readonly gpuDevice: number
  /** Threads of one operator on the CPU; null leaves it to onnxruntime. */
  readonly threads: number | null
}

export interface SessionReady {
  readonly provider: SessionProvider
  /** Images of one batch, as many as are worth waiting for. */
  readonly maxBatch: number
}

export interface SessionCalls {
  /**
   * Returns `batch` x dimensions numbers.
   * @throws THREAD_FAILED when the thread is gone or cannot answer.
   */
  run(args: { readonly batch: number; readonly pixels: Uint8Array }): Float32Array
}
