import type { FastifyRequest } from 'fastify'
import { AppError, shown } from '../errors.ts'
import type { AccessCheck } from './access.ts'
import type { BodyBudget } from './body/body-budget.ts'
import type { App } from './call.ts'
import { checkQuery } from './query-check.ts'

/**
 * Checks every request before its body is read: the service is not stopping, the key fits, the query is UTF-8, the media
 * type is one that the call describes, and the body fits into its limit and beside the bodies of other requests.
 * Hooks wait for nothing, and an async one would cost every request a promise.
 */
export function registerGuard(
  app: App,
  checkAccess: AccessCheck,
  takeBytes: BodyBudget,
  stopping: AbortSignal,
): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
    if (stopping.aborted) throw new AppError('SHUTTING_DOWN', 'the service is stopping')
    const scope = neededScope(request)
    if (scope !== 'open') checkAccess(request.headers, scope)
    checkQuery(request.raw.url ?? '')
    if (hasBody(request)) {
      checkMedia(request)
      if (request.routeOptions.config.streamed !== true) {
        reply.raw.once('close', takeBytes(bodyBytes(request)))
      }
    }
    done()
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // The connection is not needed again, and would hold up the stop.
    if (stopping.aborted) reply.header('connection', 'close')
    done()
  })
}

function neededScope(request: FastifyRequest): 'read' | 'write' | 'open' {
  if (request.is404 || request.routeOptions.url?.startsWith('/docs')) return 'open'
  return request.routeOptions.config.scope ?? 'write'
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function checkMedia(request: FastifyRequest): void {
  const { mediaTypes } = request.routeOptions.config
  if (mediaTypes === undefined) return
  const given = request.headers['content-type'] ?? ''
  const mediaType = given.split(';', 1)[0]!.trim().toLowerCase()
  const fits = mediaTypes.some(
    (type) => type === mediaType || (type === 'image/*' && mediaType.startsWith('image/')),
  )
  if (fits) return
  throw new AppError(
    'UNSUPPORTED_MEDIA_TYPE',
    `expected Content-Type ${mediaTypes.join(' or ')}, got ${given === '' ? 'none' : shown(given)}`,
  )
}

/** Gives the bytes that the body may take in memory: its length where the client gives it, otherwise the limit. */
function bodyBytes(request: FastifyRequest): number {
  const limit = request.routeOptions.bodyLimit
  const length = request.headers['content-length']
  if (length === undefined) return limit
  if (Number(length) > limit) {
    throw new AppError('BODY_TOO_LARGE', `expected a body of at most ${limit} bytes, got ${length}`)
  }
  return Number(length)
}
