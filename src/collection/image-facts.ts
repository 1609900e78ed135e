import { createHash } from 'node:crypto'
import type { Keep } from '../engine/collection-spec.ts'
import type { ImageFacts, KeptContent } from '../engine/record.ts'
import type { EmbeddedImage } from './image-embedding.ts'

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

/** What a collection keeps of it. */
export function keptOf(
  bytes: Uint8Array,
  { image }: EmbeddedImage,
  keep: Keep,
): KeptContent | null {
  switch (keep) {
    case 'none':
      return null
    case 'thumbnail':
      return image.thumbnail
    case 'original':
      return { mediaType: image.mediaType, bytes }
  }
}
