import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'

/**
 * Reads a body into memory for its call, within the limit of the call and the share of the caller.
 * Callbacks, since a promise a chunk would cost small bodies most of their time.
 */
export function readBody(
  request: FastifyRequest,
  payload: IncomingMessage,
  done: (error: Error | null, body?: Buffer | IncomingMessage) => void,
): void {
  const { bodyLimit } = request.routeOptions
  const chunks: Buffer[] = []
  let size = 0

  function onData(chunk: Buffer): void {
    size += chunk.byteLength
    try {
      if (size > bodyLimit) {
        throw new AppError(
          'BODY_TOO_LARGE',
          `expected a body of at most ${bodyLimit} bytes, got more`,
        )
      }
      request.bodyHold.take(chunk.byteLength)
    } catch (error) {
      finish(error as Error)
      return
    }
    chunks.push(chunk)
  }

  function finish(error?: Error): void {
    payload.off('data', onData).off('end', finish).off('error', finish)
    // What is left after an error is dropped as it comes, so that the client gets to read the answer.
    if (error === undefined) done(null, Buffer.concat(chunks, size))
    else done(error)
  }

  payload.on('data', onData).on('end', finish).on('error', finish)
}
