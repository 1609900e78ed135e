import type { Provider } from './session-calls.ts'
import { openSessionThread } from './session-client.ts'
import type {
  TrainingCalls,
  TrainingReady,
  TrainingStart,
  TrainingState,
  TrainingTensor,
} from './training-calls.ts'

export interface TrainingSessionOptions {
  /** Training steps: the ONNX file, what they hand on, and the numbers that each reports. */
  readonly graph: {
    readonly bytes: Uint8Array
    readonly state: readonly TrainingState[]
    readonly reports: readonly string[]
  }
  /** Features in, vectors out, on the parameters as they are; for `embed`. */
  readonly embedding?: Uint8Array
  /** `auto`: cuda where it starts, else cpu. Only the cpu gives the same bits in every run. */
  readonly provider?: Provider | 'auto'
  /** Milliseconds until the session is open, and of one answer; then its thread is given up. */
  readonly startTimeoutMs?: number
  readonly stepTimeoutMs?: number
  /** The thread's script, for tests. */
  readonly thread?: URL
}

const ONE_MINUTE_MS = 60_000

export type TrainingSession = Awaited<ReturnType<typeof openTrainingSession>>

/**
 * Starts a training in its own thread, with its parameters. It takes one call at a time: see TrainingCalls.
 * @throws PROVIDER_UNAVAILABLE, ONNX_INVALID (onnxruntime refuses the graph), THREAD_FAILED.
 */
export async function openTrainingSession(options: TrainingSessionOptions) {
  const { graph, provider = 'cpu', embedding = null } = options
  const { bytes, state, reports } = graph
  const start: TrainingStart = { graph: bytes, state, reports, embedding, provider }
  const { thread, ready } = await openSessionThread<TrainingCalls, TrainingReady>({
    name: 'training',
    script: options.thread ?? new URL('./training-thread.js', import.meta.url),
    start,
    startTimeoutMs: options.startTimeoutMs ?? ONE_MINUTE_MS,
    answerTimeoutMs: options.stepTimeoutMs ?? ONE_MINUTE_MS,
  })
  return {
    ...ready,
    steps: (inputs: Readonly<Record<string, TrainingTensor>>) => thread.call('steps', inputs),
    read: (names: readonly string[]) => thread.call('read', names),
    write: (values: Readonly<Record<string, Float32Array>>) => thread.call('write', values),
    embed: (features: Float32Array, rows: number) => thread.call('embed', { features, rows }),
    /** Ends the thread; call it when no step runs. */
    close: () => thread.close(),
  }
}
