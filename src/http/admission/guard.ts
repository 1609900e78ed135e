import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError, shown } from '../../errors.ts'
import type { BodyBudget } from '../body/body-budget.ts'
import type { App } from '../call.ts'
import { methodNotAllowed, routeNotFound } from '../error-answers.ts'
import { checkQuery } from '../query-check.ts'
import type { Access } from './access.ts'
import { type Caller, callerAt, checkSees } from './caller.ts'
import type { Cors } from './cors.ts'
import type { RateLimits } from './rate-limits.ts'
import { SECURITY_HEADERS } from './security-headers.ts'
import { WrongKeyError } from './wrong-keys.ts'

const MOST_ADDRESS_CHARACTERS = 64

interface Guards {
  readonly access: Access
  readonly cors: Cors
  readonly countRequest: RateLimits
  readonly holdBody: BodyBudget
  readonly stopping: AbortSignal
  /** Gives the methods that a path takes, '' for a path without a call. */
  readonly methodsOf: (path: string) => string
}

/**
 * Checks every request before its body is read: the call exists, the service is not stopping, the key fits
 * and sees the collection, the limits of its caller are not reached, the query is UTF-8, and the media type and the length are such
 * as the call takes. What arrives of the body is counted while it is read.
 * Hooks wait for nothing, and an async one would cost every request a promise.
 */
export function registerGuard(
  app: App,
  { access, cors, countRequest, holdBody, stopping, methodsOf }: Guards,
): void {
  app.decorateRequest('caller')
  app.decorateRequest('bodyHold')
  app.decorateRequest('lentBody', null)
  app.addHook('onRequest', (request, reply, done) => {
    try {
      checkAny(request, reply)
      if (request.is404) {
        answerNoCall(request, reply)
        return
      }
      admit(request, reply)
    } catch (error) {
      if (!(error instanceof WrongKeyError)) throw error
      setTimeout(done, error.afterMs, error)
      return
    }
    done()
  })

  /** Checks what holds for requests of any call, and of none. */
  function checkAny(request: FastifyRequest, reply: FastifyReply): void {
    reply.header('x-request-id', request.id).headers(SECURITY_HEADERS)
    const readable = cors.answer(request.headers)
    if (readable !== null) reply.headers(readable)
    // A proxy may pass on whatever it was sent.
    request.caller = callerAt((request.ip ?? '').slice(0, MOST_ADDRESS_CHARACTERS))
    checkHeaders(request.raw.rawHeaders)
    if (stopping.aborted) throw new AppError('SHUTTING_DOWN', 'the service is stopping')
  }

  /** Answers OPTIONS of a path that has calls. @throws ROUTE_NOT_FOUND, METHOD_NOT_ALLOWED. */
  function answerNoCall(request: FastifyRequest, reply: FastifyReply): void {
    const methods = methodsOf(request.url.split('?', 1)[0]!)
    if (methods === '') throw routeNotFound(request)
    reply.header('allow', methods)
    if (request.method !== 'OPTIONS') throw methodNotAllowed(request, methods)
    const preflight = cors.preflight(request.headers, methods)
    if (preflight !== null) reply.headers(preflight)
    reply.code(204).send()
  }

  function admit(request: FastifyRequest, reply: FastifyReply): void {
    const scope = neededScope(request)
    if (scope !== 'open') {
      request.caller = access.identify(request.headers, request.caller.address)
      access.authorize(request.caller, request.headers, scope)
      checkSight(request, request.caller)
      countRequest(request.caller.name)
    }
    checkQuery(request.raw.url ?? '')
    if (hasBody(request)) admitBody(request, reply, holdBody)
    // A body that is empty has a type all the same, by which its reader would be chosen.
    else if (request.headers['content-type'] !== undefined) checkMedia(request)
    if (asksToContinue(request.raw)) reply.raw.writeContinue()
  }

  app.addHook('onSend', (_request, reply, _payload, done) => {
    // The connection is not needed again, and would hold up the stop.
    if (stopping.aborted) reply.header('connection', 'close')
    done()
  })
}

/** Headers of which a second one would let two readers of one request see two requests. */
const ONCE = new Set([
  'host',
  'authorization',
  'content-type',
  'content-length',
  'transfer-encoding',
])

/** @param rawHeaders names and values in turn; of a header that comes twice, Node's object has one. */
function checkHeaders(rawHeaders: readonly string[]): void {
  const seen: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (!ONCE.has(name)) continue
    if (seen.includes(name)) {
      throw new AppError('INVALID_REQUEST', `expected the header ${name} once, got it twice`)
    }
    seen.push(name)
  }
}

/** Older clients than HTTP/1.1 would take the interim answer for the answer. */
function asksToContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return headers.expect !== undefined && httpVersion === '1.1'
}

function neededScope(request: FastifyRequest): 'read' | 'write' | 'open' {
  if (request.routeOptions.url?.startsWith('/docs')) return 'open'
  return request.routeOptions.config.scope ?? 'write'
}

/** A key that sees some collections alone is told of others what it would be told of none. */
function checkSight({ params, routeOptions }: FastifyRequest, caller: Caller): void {
  const { key, collections } = caller
  if (collections === null) return
  const { collection } = params as { readonly collection?: string }
  if (collection !== undefined) {
    checkSees(caller, collection)
    return
  }
  if (routeOptions.config.beyondCollections === true) return
  throw new AppError(
    'FORBIDDEN',
    `expected a key that sees all collections, got key ${shown(key?.name)}, which sees some`,
  )
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Checks what is known of a body before it arrives. Streamed ones are bounded by their calls. */
function admitBody(request: FastifyRequest, reply: FastifyReply, holdBody: BodyBudget): void {
  checkEncoding(request, reply)
  checkMedia(request)
  if (request.routeOptions.config.streamed === true) return
  const limit = request.routeOptions.bodyLimit
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > limit) {
    throw new AppError('BODY_TOO_LARGE', `expected a body of at most ${limit} bytes, got ${length}`)
  }
  const hold = holdBody(request.caller.name)
  request.bodyHold = hold
  reply.raw.once('close', () => {
    hold.release()
    request.lentBody?.requestEnded()
  })
}

function checkEncoding({ headers }: FastifyRequest, reply: FastifyReply): void {
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding.trim().toLowerCase() === 'identity') return
  reply.header('accept-encoding', 'identity')
  throw new AppError(
    'UNSUPPORTED_MEDIA_TYPE',
    `expected a body without Content-Encoding, got ${shown(encoding)}: send it as it is`,
  )
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
