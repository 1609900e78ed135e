import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '../../errors.ts'

const MAX_ATTEMPTS = 10
const MIN_WAIT_SECONDS = 0.1
const MAX_WAIT_SECONDS = 30
const QUEUE_WAIT_SECONDS = 0.5

/**
 * Calls again after errors that say "not now", up to 10 times and after the time they ask for, at
 * most 30 s each. @throws the last error, or CANCELLED when `signal` fires during a wait.
 */
export async function withRetries<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      const wanted = secondsToWait(error)
      if (wanted === null || attempt === MAX_ATTEMPTS) throw error
      const seconds = Math.min(MAX_WAIT_SECONDS, Math.max(MIN_WAIT_SECONDS, wanted))
      await wait(seconds * 1000, undefined, signal && { signal }).catch(() => {
        throw new AppError('CANCELLED', 'stopped while waiting to try again', { cause: error })
      })
    }
  }
}

function secondsToWait(error: unknown): number | null {
  if (!(error instanceof AppError)) return null
  return error.retryAfterSeconds ?? (error.code === 'QUEUE_FULL' ? QUEUE_WAIT_SECONDS : null)
}
