import { openSessionThread, type SessionOptions } from './session-client.ts'
import type { SessionCalls, SessionReady, SessionStart } from './session-thread.ts'

/** Until the model has run once: TensorRT builds an engine for minutes. */
const START_TIMEOUT_MS = 600_000

/** The pixels of an image for a session, and whether their memory may be taken. */
export interface Image {
  readonly pixels: Uint8Array
  readonly isGiven: boolean
}

/** Joins the pixels of images of one size, in memory that may go to a thread. */
export function joinedPixels(images: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = images[0]!.byteLength
  const joined = new Uint8Array(images.length * bytes)
  for (const [i, pixels] of images.entries()) joined.set(pixels, i * bytes)
  return joined
}

export type ModelSession = Awaited<ReturnType<typeof openModelSession>>

/**
 * Starts a model in its own thread, and waits until it has run once there. It runs one batch at a time.
 * @throws PROVIDER_UNAVAILABLE, MODEL_INVALID, THREAD_FAILED.
 */
export async function openModelSession(start: SessionStart, options: SessionOptions = {}) {
  const { thread, ready } = await openSessionThread<SessionCalls, SessionReady>({
    name: start.name,
    script: new URL('./session-thread.js', import.meta.url),
    start,
    transfer: [start.model.buffer],
    startTimeoutMs: START_TIMEOUT_MS,
    ...options,
  })
  return {
    ...ready,
    get isSilent() {
      return thread.isSilent
    },
    /** @param pixels of `batch` images, with a buffer of their own that goes to the thread. */
    run: (batch: number, pixels: Uint8Array<ArrayBuffer>) =>
      thread.call('run', { batch, pixels }, { transfer: [pixels.buffer] }),
    calibrate: () => thread.call('calibrate', undefined),
    /** Ends the thread; call it when no batch runs. */
    close: () => thread.close(),
  }
}
