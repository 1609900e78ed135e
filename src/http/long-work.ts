import type { FastifyReply } from 'fastify'
import type { AppError } from '../errors.ts'
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
 * Runs the long work of requests, each piece until the client hangs up, its deadline passes, or all are ended.
 * @throws CANCELLED, DEADLINE_EXCEEDED or the reason of the end; else what the work throws.
 */
export function createLongWork(): LongWorks {
  const underWay = new Set<AbortController>()
  return {
    async run(reply, work) {
      const controller = new AbortController()
      underWay.add(controller)
      abortWhenGone(reply, controller)
      try {
        return await work(controller.signal)
      } catch (error) {
        throw controller.signal.aborted ? controller.signal.reason : error
      } finally {
        underWay.delete(controller)
      }
    },
    end(reason) {
      for (const controller of underWay) controller.abort(reason)
    },
  }
}
