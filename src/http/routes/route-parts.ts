import type { FastifyRequest } from 'fastify'
import type { Collections } from '../../collection/collections.ts'
import type { EmbeddingsUseCases } from '../../collection/embeddings.ts'
import type { SearchAnswer } from '../../collection/service.ts'
import type { BodyReader } from '../body/body-reader.ts'
import type { ImageSources } from '../body/image-sources.ts'

/** What routes work with. */
export interface RouteParts {
  readonly collections: Pick<Collections, 'create' | 'list' | 'get' | 'drop'>
  readonly embeddings: EmbeddingsUseCases
  readonly bodies: BodyReader
  readonly images: ImageSources
  readonly maxBodyBytes: number
  readonly observeSearch: (timings: SearchAnswer['timings']) => void
}

/** The body as the content type parsers leave it: bytes; none where none was sent. */
export function rawBody(request: FastifyRequest): Uint8Array {
  return Buffer.isBuffer(request.body) ? request.body : new Uint8Array(0)
}
