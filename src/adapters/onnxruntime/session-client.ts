import { ThreadClient } from '../../threads/thread-client.ts'

const CLOSE_TIMEOUT_MS = 5000

export interface SessionThreadOptions {
  /** Names the session in the messages of errors. */
  readonly name: string
  readonly script: URL
  /** `workerData`. */
  readonly start: unknown
  /** Buffers of `start` that go to the thread. */
  readonly transfer?: ArrayBuffer[]
  readonly startTimeoutMs: number
  readonly answerTimeoutMs: number
}

/**
 * Starts a thread that calls onnxruntime, for one call at a time, each in bounded time.
 *
 * A thread that owes an answer is not terminated: onnxruntime's binding aborts the whole process when the call that
 * it is in comes back to an environment that is gone (onnxruntime-node 1.30, `Napi::Error`). It is left behind, and
 * ended as soon as the call does.
 *
 * @returns the thread, and what it gave when it had started.
 * @throws what its start throws; THREAD_FAILED.
 */
export async function openSessionThread<Calls, Ready>(
  options: SessionThreadOptions,
): Promise<{ thread: ThreadClient<Calls>; ready: Ready }> {
  const { name, script, start, transfer = [], startTimeoutMs, answerTimeoutMs } = options
  const thread = new ThreadClient<Calls>({
    script,
    name,
    start: 'once',
    worker: { workerData: start, transferList: transfer },
    maxCalls: 1,
    answerWithinMs: answerTimeoutMs,
    end: { after: 'all calls', withinMs: CLOSE_TIMEOUT_MS, late: 'leave behind' },
    errors: { full: () => new Error('expected one call at a time, got a second') },
  })
  return { thread, ready: await thread.ready<Ready>(startTimeoutMs) }
}
