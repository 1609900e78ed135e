import type { FastifyReply } from 'fastify'
import { AppError } from '../../errors.ts'
import type { App } from '../call.ts'
import { DEADLINE_EVENT } from '../client-gone.ts'

/** Milliseconds in which work that was told to stop answers by itself. */
export const GRACE_MS = 1000

/**
 * Tells the work of a call that takes longer than `deadlineMs` to stop (`clientGone`), and answers for it where it
 * does not. The work of a join is told also after its answer has begun, and its last line says so. An archive may take long to
 * arrive, and a job long to be watched: for calls that are `streamed` there is no deadline.
 */
export function registerDeadline(app: App, deadlineMs: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.streamed !== true) {
      let timer = setTimeout(() => {
        const error = overdue(deadlineMs)
        reply.raw.emit(DEADLINE_EVENT, error)
        timer = setTimeout(() => answer(reply, error), GRACE_MS)
        timer.unref()
      }, deadlineMs)
      timer.unref()
      reply.raw.once('close', () => clearTimeout(timer))
    }
    done()
  })
}

function answer(reply: FastifyReply, error: AppError): void {
  if (!reply.raw.headersSent) reply.send(error)
}

function overdue(deadlineMs: number): AppError {
  return new AppError(
    'DEADLINE_EXCEEDED',
    `expected an answer within ${deadlineMs / 1000} seconds, got none; ask for less at a time`,
  )
}
