import { AppError } from '../../errors.ts'

/** Resolves after so many milliseconds. @throws when `signal` aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>

const MAX_ATTEMPTS = 60
const MAX_WAIT_SECONDS = 10
const DEFAULT_WAIT_SECONDS = 0.5

/** Calls again after errors that say "not now", after the time they ask for. */
export class Retry {
  readonly #wait: Wait
  readonly #signal: AbortSignal

  constructor(wait: Wait, signal: AbortSignal) {
    this.#wait = wait
    this.#signal = signal
  }

  /** @throws the last error after 60 attempts; what `wait` throws when the signal aborts. */
  async call<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call()
      } catch (error) {
        if (!isNotNow(error) || attempt === MAX_ATTEMPTS) throw error
        const asked = error.retryAfterSeconds ?? DEFAULT_WAIT_SECONDS
        await this.#wait(Math.min(asked, MAX_WAIT_SECONDS) * 1000, this.#signal)
      }
    }
  }
}

function isNotNow(error: unknown): error is AppError {
  return error instanceof AppError && (error.code === 'QUEUE_FULL' || error.code === 'NOT_READY')
}
