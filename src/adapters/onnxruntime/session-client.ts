import { ThreadClient } from '../../threads/thread-client.ts'

const CLOSE_TIMEOUT_MS = 5000
const ONE_MINUTE_MS = 60_000

export interface SessionOptions {
  /** Milliseconds that one answer may take; then the thread is given up. A minute where left out. */
  readonly answerTimeoutMs?: number
  /** The thread's script, for tests. */
  readonly script?: URL
}

export interface SessionThreadOptions extends SessionOptions {
  /** Names the session in the messages of errors. */
  readonly name: string
  readonly script: URL
  /** `workerData`. */
  readonly start: unknown
  /** Buffers of `start` that go to the thread. */
  readonly transfer?: ArrayBuffer[]
  readonly startTimeoutMs?: number
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
export async function openSessionThread<Calls, Ready = undefined>(
  options: SessionThreadOptions,
): Promise<{ thread: ThreadClient<Calls>; ready: Ready }> {
  const thread = new ThreadClient<Calls>({
    script: options.script,
    name: options.name,
    start: 'once',
    worker: { workerData: options.start, transferList: options.transfer ?? [] },
    maxCalls: 1,
    answerWithinMs: options.answerTimeoutMs ?? ONE_MINUTE_MS,
    end: { after: 'all calls', withinMs: CLOSE_TIMEOUT_MS, late: 'leave behind' },
    errors: { full: () => new Error('expected one call at a time, got a second') },
  })
  return { thread, ready: await thread.ready<Ready>(options.startTimeoutMs ?? ONE_MINUTE_MS) }
}
