import type { ThreadClient } from '../../threads/thread-client.ts'
import type {
  Provider,
  SessionCalls,
  SessionReady,
  SessionStart,
  SessionThreadData,
} from './session-calls.ts'
import { openSessionThread } from './session-client.ts'

export interface ModelSessionOptions {
  readonly start: SessionStart
  /** Names the model in messages. */
  readonly model: string
  /** Until the model has run once: TensorRT builds an engine for minutes. */
  readonly startTimeoutMs: number
  readonly runTimeoutMs: number
  /** The thread's script; a test may give one that dies. */
  readonly thread?: URL
}

/** A model in its own thread. One batch at a time. */
export class ModelSession {
  readonly provider: { readonly name: Provider; readonly fallbackReason: string | null }
  /** Images of one batch, as many as are worth waiting for. */
  readonly maxBatch: number
  readonly #thread: ThreadClient<SessionCalls>

  private constructor(
    thread: ThreadClient<SessionCalls>,
    { provider, fallbackReason, maxBatch }: SessionReady,
  ) {
    this.#thread = thread
    this.provider = { name: provider, fallbackReason }
    this.maxBatch = maxBatch
  }

  get isSilent(): boolean {
    return this.#thread.isSilent
  }

  /**
   * Starts the thread, and waits until the model has run once in it.
   * @throws PROVIDER_UNAVAILABLE, MODEL_INVALID, THREAD_FAILED.
   */
  static async open(options: ModelSessionOptions): Promise<ModelSession> {
    const name = `model ${options.model}`
    const start: SessionThreadData = { ...options.start, name }
    const { thread, ready } = await openSessionThread<SessionCalls, SessionReady>({
      name,
      script: options.thread ?? new URL('./session-thread.js', import.meta.url),
      start,
      transfer: [start.model.buffer],
      startTimeoutMs: options.startTimeoutMs,
      answerTimeoutMs: options.runTimeoutMs,
    })
    return new ModelSession(thread, ready)
  }

  /**
   * @param pixels of `batch` images, with a buffer of their own that goes to the thread.
   * @returns `batch` x dimensions numbers.
   * @throws THREAD_FAILED when the thread is gone or cannot answer.
   */
  run(batch: number, pixels: Uint8Array<ArrayBuffer>): Promise<Float32Array> {
    return this.#thread.call('run', { batch, pixels }, { transfer: [pixels.buffer] })
  }

  /** Ends the thread; call it when no batch runs. */
  close(): Promise<void> {
    return this.#thread.close()
  }
}
