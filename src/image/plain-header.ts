import { jpegSegments } from './jpeg-file.ts'

/** What is known of a picture before it is decoded. It is upright, has 8 bits a sample, and is alone in its file. */
export interface PlainHeader {
  readonly format: 'jpeg' | 'png' | 'webp'
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
  readonly hasAlpha: boolean
  /** Whether it comes in passes: progressive, interlaced. */
  readonly isProgressive: boolean
  readonly chromaSubsampling: '4:2:0' | 'other'
}

const ORIENTATION = 0x112

/**
 * Reads the header of an ordinary JPEG, PNG or WebP file, for which a library need not be asked.
 * @returns null for anything else: what is turned, animated, in CMYK, of 16 bits, or in any way unusual.
 */
export function plainHeader(bytes: Uint8Array): PlainHeader | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < 32) return null
  const header =
    file.readUInt16BE(0) === 0xffd8 ? jpegHeader(file) : (pngHeader(file) ?? webpHeader(file))
  return header !== null && header.width > 0 && header.height > 0 ? header : null
}

function jpegHeader(file: Buffer): PlainHeader | null {
  let hasExif = false
  let frame: PlainHeader | null = null
  for (const { marker, at, end } of jpegSegments(file)) {
    if (marker === 0xe1 && nameAt(file, at + 4) === 'Exif') {
      const isSound = nameAt(file, at + 8, 2) === '\0\0' && isUpright(file.subarray(at + 10, end))
      if (hasExif || !isSound) return null
      hasExif = true
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4
    // Another kind of frame, a second one, or the picture before its frame.
    if (isFrame && (frame !== null || marker > 0xc2)) return null
    if (isFrame) frame = frameHeader(file.subarray(at + 4, end), marker)
    if (marker === 0xda || (isFrame && frame === null)) return null
    // EXIF data may come after the frame, up to the scan. The scan itself need not be walked through.
    if (file[end] === 0xff && file[end + 1] === 0xda) return frame
  }
  return null
}

/** Reads the parameters of a frame (ITU-T T.81, B.2.2). */
function frameHeader(frame: Buffer, marker: number): PlainHeader | null {
  const count = frame[5]
  if (frame.length !== 6 + 3 * (count ?? 0) || frame[0] !== 8) return null
  if (count !== 1 && count !== 3) return null
  const isHalved = count === 3 && frame[7] === 0x22 && frame[10] === 0x11 && frame[13] === 0x11
  return {
    format: 'jpeg',
    height: frame.readUInt16BE(1),
    width: frame.readUInt16BE(3),
    channels: count,
    hasAlpha: false,
    isProgressive: marker === 0xc2,
    chromaSubsampling: isHalved ? '4:2:0' : 'other',
  }
}

/** Tells whether EXIF data is sound as far as it is read, and its first directory turns nothing (TIFF 6.0, section 2). */
function isUpright(exif: Buffer): boolean {
  const order = exif.subarray(0, 4).toString('latin1')
  if (exif.length < 14 || (order !== 'II*\0' && order !== 'MM\0*')) return false
  const word = (at: number) => (order === 'II*\0' ? exif.readUInt16LE(at) : exif.readUInt16BE(at))
  const long = (at: number) => (order === 'II*\0' ? exif.readUInt32LE(at) : exif.readUInt32BE(at))
  const directory = long(4)
  if (directory + 2 > exif.length) return false
  const entries = word(directory)
  if (directory + 2 + 12 * entries > exif.length) return false
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i
    if (word(entry) !== ORIENTATION) continue
    // One SHORT: other types and counts are read differently by different readers.
    if (word(entry + 2) !== 3 || long(entry + 4) !== 1 || word(entry + 8) !== 1) return false
  }
  return true
}

/** Reads the chunks of a PNG file. */
function pngHeader(file: Buffer): PlainHeader | null {
  if (file.readUInt32BE(0) !== 0x89504e47 || nameAt(file, 12) !== 'IHDR') return null
  if (file.readUInt32BE(8) !== 13) return null
  const [depth, kind, , , passes] = file.subarray(24, 29)
  if (depth! > 8) return null
  let hasAlpha = kind === 4 || kind === 6
  let at = 33
  let name = ''
  for (; at + 12 <= file.length && name !== 'IEND'; at += 12 + file.readUInt32BE(at)) {
    name = nameAt(file, at + 4)
    if (name === 'tRNS') hasAlpha = true
    // Wherever it stands, EXIF data may turn the picture.
    if (name === 'eXIf' || name === 'acTL') return null
  }
  if (name !== 'IEND') return null
  return {
    format: 'png',
    width: file.readUInt32BE(16),
    height: file.readUInt32BE(20),
    channels: hasAlpha ? 4 : 3,
    hasAlpha,
    isProgressive: passes !== 0,
    chromaSubsampling: 'other',
  }
}

/** Reads the first chunk of a WebP file (RFC 9649, sections 2.5 to 2.7; RFC 6386, section 9.1). */
function webpHeader(file: Buffer): PlainHeader | null {
  if (nameAt(file, 0) !== 'RIFF' || nameAt(file, 8) !== 'WEBP') return null
  const size = webpSize(file, nameAt(file, 12))
  if (size === null) return null
  const channels = size.hasAlpha ? 4 : 3
  return { format: 'webp', ...size, channels, isProgressive: false, chromaSubsampling: 'other' }
}

function webpSize(file: Buffer, chunk: string) {
  if (chunk === 'VP8 ' && file.readUIntBE(23, 3) === 0x9d012a) {
    const width = file.readUInt16LE(26) & 0x3fff
    return { width, height: file.readUInt16LE(28) & 0x3fff, hasAlpha: false }
  }
  if (chunk === 'VP8L' && file[20] === 0x2f) {
    const bits = file.readUInt32LE(21)
    const height = ((bits >>> 14) & 0x3fff) + 1
    return { width: (bits & 0x3fff) + 1, height, hasAlpha: ((bits >>> 28) & 1) === 1 }
  }
  const flags = file[20]!
  // Animation and EXIF data.
  if (chunk !== 'VP8X' || (flags & 0x0a) !== 0) return null
  const width = file.readUIntLE(24, 3) + 1
  return { width, height: file.readUIntLE(27, 3) + 1, hasAlpha: (flags & 0x10) !== 0 }
}

function nameAt(file: Buffer, at: number, length = 4): string {
  return file.toString('latin1', at, at + length)
}
