import { AppError } from '../errors.ts'
import { avifFault } from './avif-file.ts'
import { readGif } from './gif-file.ts'
import { jpegFault } from './jpeg-file.ts'
import { pngFault } from './png-file.ts'
import { tiffFault } from './tiff/tiff-fault.ts'
import { fullPages } from './tiff/tiff-page.ts'
import { webpFault } from './webp-file.ts'

const NAMES: Readonly<Record<string, string>> = {
  'image/jpeg': 'a JPEG',
  'image/png': 'a PNG',
  'image/webp': 'a WebP',
  'image/avif': 'an AVIF',
  'image/gif': 'a GIF',
  'image/tiff': 'a TIFF',
}

const UNKNOWN_FAULT = 'whose picture data is damaged, or of a kind that is not taken'

/**
 * Makes the refusal of a file that is of a known format and gives no right picture. The reason is found in the very bytes: libvips collects
 * its messages in one place for all threads, so that those of another file may be among them.
 * @param fault in words that go after "got a JPEG"; when left out, it is looked for.
 */
export function undecodable(
  bytes: Uint8Array,
  mediaType: string,
  { fault = faultOf(bytes, mediaType), cause }: { fault?: string | null; cause?: unknown } = {},
): AppError {
  const name = NAMES[mediaType] ?? 'a file'
  const got = `${name} ${fault ?? UNKNOWN_FAULT}`
  return new AppError('UNDECODABLE_IMAGE', `expected an image that decodes, got ${got}`, { cause })
}

function faultOf(bytes: Uint8Array, mediaType: string): string | null {
  switch (mediaType) {
    case 'image/jpeg':
      return jpegFault(bytes)
    case 'image/png':
      return pngFault(bytes)
    case 'image/webp':
      return webpFault(bytes)
    case 'image/avif':
      return avifFault(bytes)
    case 'image/gif':
      return gifFault(bytes)
    default:
      return firstPageFault(bytes)
  }
}

function gifFault(bytes: Uint8Array): string | null {
  const { frames, cutOff } = readGif(bytes, 1)
  if (cutOff) return `that is cut off: its ${bytes.length} bytes end before the first frame does`
  return frames.length === 0 ? 'without a frame' : null
}

function firstPageFault(bytes: Uint8Array): string | null {
  const { value: page } = fullPages(bytes).next()
  if (page !== undefined) return tiffFault(page, bytes)
  return 'without a page that shows the picture in full'
}
