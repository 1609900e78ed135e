import { setMaxListeners } from 'node:events'
import type { FastifyReply } from 'fastify'
import { AppError } from '../errors.ts'

/** The event of a response whose deadline has passed before its answer began. */
export const DEADLINE_EVENT = 'deadline'

/** Aborts when the client hangs up before it has its answer, or its deadline passes, so that nothing works for nobody. */
export function abortWhenGone(reply: FastifyReply, controller: AbortController): void {
  // Many images, and many calls of threads, may look at it at a time.
  setMaxListeners(0, controller.signal)
  const abort = () => {
    if (!reply.raw.writableFinished) {
      controller.abort(new AppError('CANCELLED', 'the client hung up before the answer'))
    }
  }
  if (reply.raw.destroyed) abort()
  else reply.raw.once('close', abort).once(DEADLINE_EVENT, (error) => controller.abort(error))
}
