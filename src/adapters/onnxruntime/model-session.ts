import type { SessionCalls, SessionReady, SessionStart } from './session-calls.ts'
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

export type ModelSession = Awaited<ReturnType<typeof openModelSession>>

/**
 * Starts a model in its own thread, and waits until it has run once there. It runs one batch at a time.
 * @throws PROVIDER_UNAVAILABLE, MODEL_INVALID, THREAD_FAILED.
 */
export async function openModelSession(options: ModelSessionOptions) {
  const { start, startTimeoutMs, runTimeoutMs } = options
  const name = `model ${options.model}`
  const { thread, ready } = await openSessionThread<SessionCalls, SessionReady>({
    name,
    script: options.thread ?? new URL('./session-thread.js', import.meta.url),
    start: { ...start, name },
    transfer: [start.model.buffer],
    startTimeoutMs,
    answerTimeoutMs: runTimeoutMs,
  })
  return {
    ...ready,
    get isSilent() {
      return thread.isSilent
    },
    /** @param pixels of `batch` images, with a buffer of their own that goes to the thread. */
    run: (batch: number, pixels: Uint8Array<ArrayBuffer>) =>
      thread.call('run', { batch, pixels }, { transfer: [pixels.buffer] }),
    /** Ends the thread; call it when no batch runs. */
    close: () => thread.close(),
  }
}
