import type { App } from './app.ts'

const QUIET = new Set(['/livez', '/readyz', '/metrics'])

/** One line a request, when it is over. Paths only: a query string may carry metadata. */
export function registerRequestLog(app: App): void {
  app.addHook('onRequest', (request, reply, done) => {
    const started = performance.now()
    reply.raw.once('close', () => {
      const line = {
        method: request.method,
        path: request.url.split('?', 1)[0]!.slice(0, 512),
        status: reply.raw.headersSent ? reply.raw.statusCode : null,
        ms: Math.round((performance.now() - started) * 10) / 10,
      }
      const quiet = QUIET.has(request.routeOptions.url ?? '')
      request.log[quiet ? 'debug' : 'info'](line, 'request')
    })
    done()
  })
}
