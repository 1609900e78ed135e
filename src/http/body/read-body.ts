import { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import { freeMemory } from '../../threads/free-memory.ts'
import type { BodyMemory } from './body-memory.ts'
import { GatheredBytes } from './gathered-bytes.ts'
import { LentBody } from './lent-body.ts'

/**
 * Reads a body into memory for its call, within the limit of the call and the share of the caller. A call that `lendsBody` gets it in
 * memory that is lent to it (`request.lentBody`): a large one in what is used again, a small one in what is freed afterwards.
 * Callbacks, since a promise a chunk would cost small bodies most of their time.
 */
export function readBody(
  memory: BodyMemory,
  request: FastifyRequest,
  payload: IncomingMessage,
  done: (error: Error | null, body?: Buffer | IncomingMessage) => void,
): void {
  const { bodyLimit, config } = request.routeOptions
  const length = request.headers['content-length']
  const announced = length === undefined ? Number.POSITIVE_INFINITY : Number(length)
  const lends = config.lendsBody === true && request.mediaType !== 'application/json'
  const lend = (bytes: number) => (lends ? memory.lend(bytes) : null)
  // Pieces from the network are nobody else's. A request that is made up in this process has the buffers of whoever made it.
  const free = payload instanceof IncomingMessage ? freeMemory : undefined
  const gathered = new GatheredBytes(announced, lend, free)
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
      request.bodyHold!.take(chunk.byteLength)
      gathered.add(chunk)
    } catch (error) {
      finish(error as Error)
    }
  }

  function onClose(): void {
    finish(new AppError('CANCELLED', 'the client hung up in the middle of its body'))
  }

  function finish(error?: Error): void {
    payload.off('data', onData).off('end', finish).off('error', finish).off('close', onClose)
    const { loan } = gathered
    if (error !== undefined || request.bodyHold?.isReleased === true) {
      loan?.giveBack()
      // What is left after an error is dropped as it comes, so that the client gets to read the answer.
      done(error ?? new AppError('CANCELLED', 'the request ended before its body was read'))
      return
    }
    const body = gathered.all()
    const freed = lends && free ? { bytes: body, giveBack: () => free(body) } : null
    const lent = loan ?? freed
    if (lent !== null) request.lentBody = new LentBody(lent)
    done(null, body)
  }

  payload.on('data', onData).on('end', finish).on('error', finish).on('close', onClose)
}
