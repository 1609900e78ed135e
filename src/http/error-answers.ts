import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError, shown } from '../errors.ts'
import { SECURITY_HEADERS } from './admission/security-headers.ts'
import type { App } from './call.ts'
import { isOpenAiCall, openAiErrorOf } from './openai-error.ts'
import { PROBLEM_MEDIA_TYPE, problemOf } from './problem.ts'

/**
 * Answers with the problem an error stands for, in the shape that the caller's kind of client reads,
 * and logs it when nobody expected it.
 */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const url = request.raw.url ?? ''
  const { problem, headers, unexpected } = problemOf(error, request.id, url)
  const openAi = isOpenAiCall(url)
  if (unexpected) request.log.error({ err: error, code: problem.code }, 'request failed')
  // Fastify closes after a body it did not read to its end. We read on and drop it instead, within the
  // request timeout: a connection reset would take the answer away from the client.
  reply.removeHeader('connection')
  reply
    .code(problem.status)
    .headers({ ...SECURITY_HEADERS, ...headers, 'x-request-id': request.id })
    .type(openAi ? 'application/json' : PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(openAi ? openAiErrorOf(problem) : problem))
}

export function registerErrorAnswers(app: App): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  app.setNotFoundHandler((request, reply) => sendProblem(routeNotFound(request), request, reply))
}

export function routeNotFound({ method, url }: FastifyRequest): AppError {
  const path = url.split('?', 1)[0]
  return new AppError('ROUTE_NOT_FOUND', `no call ${method} ${shown(path, 200)}`)
}

export function methodNotAllowed({ method, url }: FastifyRequest, methods: string): AppError {
  const path = shown(url.split('?', 1)[0], 200)
  return new AppError('METHOD_NOT_ALLOWED', `expected ${methods} of ${path}, got ${method}`)
}

/** Answers what never became a request: too slow, too large a head, or not HTTP. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { problem } = problemOf(clientError(error))
  const body = JSON.stringify(problem)
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n` +
      `Content-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

function clientError(error: Error & { code?: string }): AppError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AppError('REQUEST_TIMEOUT', 'the request did not arrive in time')
    case 'HPE_HEADER_OVERFLOW':
      return new AppError('HEADERS_TOO_LARGE', 'expected at most 16 KiB of path and headers')
    case 'HPE_INVALID_URL':
      return new AppError(
        'INVALID_REQUEST',
        'expected an address in ASCII, with other letters percent-encoded as UTF-8 (é is %C3%A9)',
      )
    default:
      return new AppError('INVALID_REQUEST', 'expected an HTTP/1.1 request')
  }
}
