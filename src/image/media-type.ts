import { AppError } from '../errors.ts'
import { nameForeignFormat } from './foreign-format.ts'

const SIGNATURES: readonly (readonly [string, readonly number[]])[] = [
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38, 0x37, 0x61]],
  ['image/gif', [0x47, 0x49, 0x46, 0x38, 0x39, 0x61]],
  ['image/tiff', [0x49, 0x49, 0x2a, 0x00]],
  ['image/tiff', [0x4d, 0x4d, 0x00, 0x2a]],
  // BigTIFF.
  ['image/tiff', [0x49, 0x49, 0x2b, 0x00]],
  ['image/tiff', [0x4d, 0x4d, 0x00, 0x2b]],
]
/** The brands that are read of the file type box of ISO base media, which lists few. */
const MAX_BRANDS = 32

/**
 * Finds the media type of an image file by its first bytes.
 * @throws NOT_AN_IMAGE for anything but JPEG, PNG, WebP, AVIF, GIF and TIFF.
 */
export function sniffImage(bytes: Uint8Array): string {
  for (const [mediaType, signature] of SIGNATURES) {
    if (signature.every((byte, i) => bytes[i] === byte) && !isCanonRaw(bytes)) return mediaType
  }
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'image/webp'
  if (isAvif(bytes)) return 'image/avif'
  const foreign = nameForeignFormat(bytes)
  const name = foreign === null ? '' : `, ${foreign.name}: ${foreign.cure}`
  const message = `expected a JPEG, PNG, WebP, AVIF, GIF or TIFF file, got ${describe(bytes)}${name}`
  throw new AppError('NOT_AN_IMAGE', message)
}

/** Tells whether it is a CR2 file, which is a TIFF whose pages are previews. */
function isCanonRaw(bytes: Uint8Array): boolean {
  return ascii(bytes, 0, 2) === 'II' && ascii(bytes, 8, 11) === 'CR\x02'
}

/** Looks at the major brand and the compatible brands of the `ftyp` box (ISO/IEC 14496-12, 4.3). */
function isAvif(bytes: Uint8Array): boolean {
  if (bytes.length < 16 || ascii(bytes, 4, 8) !== 'ftyp') return false
  const boxEnd = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
  const end = Math.min(bytes.length, boxEnd, 16 + MAX_BRANDS * 4)
  // Bytes 12 to 16 are a version, not a brand.
  for (let at = 8; at + 4 <= end; at += at === 8 ? 8 : 4) {
    const brand = ascii(bytes, at, at + 4)
    if (brand === 'avif' || brand === 'avis') return true
  }
  return false
}

function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'no bytes'
  const first = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0'))
  return `${bytes.length} bytes that start with ${first.join(' ')}`
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to))
}
