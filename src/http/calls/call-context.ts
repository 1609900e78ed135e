import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Collections } from '../../collection/collections.ts'
import type { EmbeddingsUseCases } from '../../collection/embeddings.ts'
import type { SearchAnswer } from '../../collection/requests.ts'
import { AppError } from '../../errors.ts'
import type { ImageSources } from '../body/image-source.ts'

/** The parts of the service that the calls work with. */
export interface CallContext {
  readonly collections: Pick<Collections, 'create' | 'list' | 'get' | 'drop'>
  readonly embeddings: EmbeddingsUseCases
  readonly images: ImageSources
  readonly maxBodyBytes: number
  readonly readJson: ReadJson
  readonly observeSearch: (timings: SearchAnswer['timings']) => void
}

/**
 * Reads the JSON body of a request with the reader of its call, which runs in the body thread where the
 * body is large, and therefore stands in the table BODY_READERS.
 *
 * @throws what the reader throws; QUEUE_FULL, THREAD_FAILED, SHUTTING_DOWN.
 */
export type ReadJson = <T>(request: FastifyRequest, reader: (body: Uint8Array) => T) => Promise<T>

/** Gives the bytes of a body as the content type parsers leave them; none where none was sent. */
export function rawBody(request: FastifyRequest): Uint8Array {
  return Buffer.isBuffer(request.body) ? request.body : new Uint8Array(0)
}

/** Aborts when the client hangs up before it has its answer, so that nothing works for nobody. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  const abort = () => {
    if (!reply.raw.writableFinished) {
      controller.abort(new AppError('CANCELLED', 'the client hung up before the answer'))
    }
  }
  if (reply.raw.destroyed) abort()
  else reply.raw.once('close', abort)
  return controller.signal
}
