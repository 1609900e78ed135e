import type { IncomingMessage } from 'node:http'
import type { App } from '../call.ts'
import { answerClientError } from '../error-answers.ts'

/**
 * Cuts clients whose bodies take longer than `timeoutMs` to arrive. A streamed body may be large: its client
 * is cut when it sends nothing for that time. Node times the heads.
 */
export function registerArrivalTimeout(app: App, timeoutMs: number): void {
  app.addHook('onRequest', ({ raw, routeOptions }, _reply, done) => {
    const { headers } = raw
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
      // Most bodies come with their heads, and need no timer.
      setImmediate(() => {
        const arrives = !raw.complete && !raw.destroyed
        if (arrives) timeBody(raw, routeOptions.config.streamed === true, timeoutMs)
      })
    }
    done()
  })
}

function timeBody(raw: IncomingMessage, streamed: boolean, timeoutMs: number): void {
  const { socket } = raw
  let seen = socket.bytesRead
  const timer = setInterval(() => {
    const arrives = streamed && socket.bytesRead > seen
    seen = socket.bytesRead
    if (arrives) return
    clearInterval(timer)
    if (raw.complete) return
    const timeout = new Error('the body did not arrive in time')
    answerClientError(Object.assign(timeout, { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
  }, timeoutMs)
  timer.unref()
  raw.once('close', () => clearInterval(timer))
}
