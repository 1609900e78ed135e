import { createHash } from 'node:crypto'
import type { EmbeddedImage } from './image-embedding.ts'
import type { ImageFacts } from './record-store.ts'

/** What is stored about an image that came as `bytes`. */
export function factsOf(bytes: Uint8Array, { image }: EmbeddedImage): ImageFacts {
  return {
    contentHash: createHash('sha256').update(bytes).digest('hex'),
    mediaType: image.mediaType,
    width: image.width,
    height: image.height,
    bytes: bytes.byteLength,
    fingerprint: image.fingerprint,
  }
}
