/** Providers by the names that configuration and onnxruntime share. */
export type Provider = 'cpu' | 'cuda' | 'tensorrt'

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

/** `workerData` of the session's thread. */
export interface SessionThreadData extends SessionStart {
  /** Names the model in messages. */
  readonly name: string
}

export interface SessionReady {
  readonly provider: Provider
  readonly fallbackReason: string | null
  /** Images of one batch from now on. */
  readonly maxBatch: number
}

export interface SessionCalls {
  /** Returns `batch` x dimensions numbers. */
  run(args: { readonly batch: number; readonly pixels: Uint8Array }): Float32Array
}
