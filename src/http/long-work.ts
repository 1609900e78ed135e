import { setMaxListeners } from 'node:events'
import type { FastifyReply } from 'fastify'
import { AppError } from '../errors.ts'
import { abortWhenGone } from './client-gone.ts'

/** Work for a request that may take long. It ends early, with the reason, when its signal aborts. */
export type LongWork = <T>(
  reply: FastifyReply,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>

interface LongWorks {
  readonly run: LongWork
  /** Ends all that is under way. */
  end(reason: AppError): void
}

/**
 * Runs the long work of requests, each piece until the client hangs up, `maxMs` are over, or all are ended.
 * @throws CANCELLED, OUT_OF_TIME or the reason of the end; else what the work throws.
 */
export function createLongWork(maxMs: number): LongWorks {
  const underWay = new Set<AbortController>()
  return {
    async run(reply, work) {
      const controller = new AbortController()
      // Many calls of threads may look at it at a time.
      setMaxListeners(0, controller.signal)
      const timer = setTimeout(() => controller.abort(outOfTime(maxMs)), maxMs)
      underWay.add(controller)
      abortWhenGone(reply, controller)
      try {
        return await work(controller.signal)
      } catch (error) {
        throw controller.signal.aborted ? controller.signal.reason : error
      } finally {
        underWay.delete(controller)
        clearTimeout(timer)
      }
    },
    end(reason) {
      for (const controller of underWay) controller.abort(reason)
    },
  }
}

/** Nobody should repeat at once what has just cost that much. */
const RETRY_AFTER_SECONDS = 30

function outOfTime(maxMs: number): AppError {
  return new AppError(
    'OUT_OF_TIME',
    `expected work of at most ${maxMs / 1000} s (LOOKALIKE_MAX_WORK_SECONDS), it was not done by then: ask for less at a time`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  )
}
