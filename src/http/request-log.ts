import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { App } from './call.ts'

const QUIET = new Set(['/livez', '/readyz', '/metrics'])

/** Logs one line for each request when it is over. Only its path, as a query string may carry metadata, and of its key the name. */
export function registerRequestLog(app: App): void {
  app.addHook('onRequest', (request, reply, done) => {
    const started = performance.now()
    reply.raw.once('close', () => {
      const line = {
        method: request.method,
        path: request.url.split('?', 1)[0]!.slice(0, 512),
        status: reply.raw.headersSent ? reply.raw.statusCode : null,
        ms: Math.round((performance.now() - started) * 10) / 10,
        key: request.caller.key?.name ?? null,
        address: request.caller.address,
      }
      const quiet = QUIET.has(request.routeOptions.url ?? '')
      request.log[quiet ? 'debug' : 'info'](line, 'request')
    })
    done()
  })
}

const SANE = /^[\w.-]{1,64}$/

/** Gives the caller's own id where it is fit for a log line, otherwise a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && SANE.test(given) ? given : randomUUID()
}
