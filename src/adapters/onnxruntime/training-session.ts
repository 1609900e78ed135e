import type { ThreadClient } from '../../threads/thread-client.ts'
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

/** A training in its own thread, with its parameters. One call at a time. */
export class TrainingSession {
  readonly provider: { readonly name: Provider; readonly fallbackReason: string | null }
  readonly #thread: ThreadClient<TrainingCalls>

  private constructor(
    thread: ThreadClient<TrainingCalls>,
    { provider, fallbackReason }: TrainingReady,
  ) {
    this.#thread = thread
    this.provider = { name: provider, fallbackReason }
  }

  /** @throws PROVIDER_UNAVAILABLE, ONNX_INVALID (onnxruntime refuses the graph), THREAD_FAILED. */
  static async open(options: TrainingSessionOptions): Promise<TrainingSession> {
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
    return new TrainingSession(thread, ready)
  }

  /**
   * Takes steps. The state is copied once for all of them, so that a few at a time cost less each.
   * @param inputs all inputs of the graph but the state, by name; a first axis has a slice for each step.
   * @returns the reports by name, a number for each step. Steps are taken also when they are not finite.
   * @throws THREAD_FAILED when the thread is gone or cannot run the graph; the state then is that
   * before the steps.
   */
  steps(inputs: Readonly<Record<string, TrainingTensor>>): Promise<Record<string, Float32Array>> {
    return this.#thread.call('steps', inputs)
  }

  /** Copies of state tensors by name. @throws THREAD_FAILED, also for a name that there is not. */
  read(names: readonly string[]): Promise<Record<string, Float32Array>> {
    return this.#thread.call('read', names)
  }

  /** Replaces state tensors. @throws THREAD_FAILED, also for an unknown name or another size. */
  write(values: Readonly<Record<string, Float32Array>>): Promise<void> {
    return this.#thread.call('write', values)
  }

  /**
   * Embeds rows of features with the parameters as they are.
   * @returns `rows` x dimensions numbers.
   * @throws THREAD_FAILED, also without an embedding graph.
   */
  embed(features: Float32Array, rows: number): Promise<Float32Array> {
    return this.#thread.call('embed', { features, rows })
  }

  /** Ends the thread; call it when no step runs. */
  close(): Promise<void> {
    return this.#thread.close()
  }
}
