import { AppError } from '../../errors.ts'

/** Resolves after this number of milliseconds. @throws when `signal` aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>

const MAX_ATTEMPTS = 60
const MAX_WAIT_SECONDS = 10
const DEFAULT_WAIT_SECONDS = 0.5

/**
 * Calls again what fails with QUEUE_FULL or NOT_READY, after the time that the error names.
 * @throws the last error after 60 attempts; what `wait` throws when the signal aborts.
 */
export async function retry<T>(
  call: () => Promise<T>,
  wait: Wait,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (!isNotNow(error) || attempt === MAX_ATTEMPTS) throw error
      const seconds = Math.min(error.retryAfterSeconds ?? DEFAULT_WAIT_SECONDS, MAX_WAIT_SECONDS)
      await wait(seconds * 1000, signal)
    }
  }
}

function isNotNow(error: unknown): error is AppError {
  return error instanceof AppError && (error.code === 'QUEUE_FULL' || error.code === 'NOT_READY')
}
