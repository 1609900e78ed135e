import { TIFF_TAGS, type TiffDirectory } from './tiff-directory.ts'
import type { TiffPage } from './tiff-page.ts'

const COMPRESSIONS: Readonly<Record<number, string>> = {
  9: 'JBIG',
  10: 'JBIG',
  33003: 'JPEG 2000',
  33004: 'JPEG 2000',
  33005: 'JPEG 2000',
  34661: 'JBIG',
  34676: 'SGI LogLuv',
  34677: 'SGI LogLuv',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34892: 'lossy JPEG of DNG',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
  34933: 'PNG',
}
/** None, CCITT (4), LZW, JPEG (old, new), Deflate (2), PackBits. */
const DECODED = [1, 2, 3, 4, 32771, 5, 6, 7, 8, 32946, 32773]
const NEW_JPEG = 7
const OLD_JPEG = 6
const PHOTOMETRICS: Readonly<Record<number, string>> = {
  9: 'ICC L*a*b*',
  10: 'ITU L*a*b*',
  32844: 'SGI LogL (high dynamic range)',
  32845: 'SGI LogLuv (high dynamic range)',
}
/** CFA, and linear. */
const SENSOR = [32803, 34892]
const PALETTE = 3
const CMYK = 5
const YCBCR = 6
const LAB = 8
const SAMPLE_FORMATS: Readonly<Record<number, string>> = {
  2: 'signed integers',
  3: 'floating point numbers',
  5: 'complex integers',
  6: 'complex floating point numbers',
}
const UNSIGNED = 1
const UNDEFINED = 4
/** The bands that are read, colour and others together. */
export const MAX_BANDS = 16

const CURE = 'save it with unsigned samples of 8 or 16 bits, compressed by LZW or Deflate'

/**
 * Says why a page cannot come out right, in words that go after "got a TIFF"; null when nothing is known against it. libvips would
 * answer for some of these with black or noise.
 */
export function tiffFault(page: TiffPage, bytes: Uint8Array): string | null {
  const raw = cameraRaw(page)
  if (raw !== null) return `${raw}: develop it to JPEG or TIFF`
  const kind = unknownKind(page) ?? unknownSamples(page)
  return kind === null ? missingPart(page, bytes) : `${kind}: ${CURE}`
}

function cameraRaw({ directory, photometric }: TiffPage): string | null {
  if (directory.has(TIFF_TAGS.dngVersion)) return 'that is a camera RAW file (DNG)'
  const pixels = pixelsOf(directory)
  if (directory.children().some((child) => pixelsOf(child) > pixels)) {
    return 'whose full picture lies below its page (SubIFDs), as in camera RAW'
  }
  return SENSOR.includes(photometric) ? 'of sensor values, as in camera RAW' : null
}

function unknownKind(page: TiffPage): string | null {
  const { directory, compression, photometric, colourBands, extraBands, bitsPerSample, tiled } =
    page
  if (colourBands === null) {
    return `of ${PHOTOMETRICS[photometric] ?? `photometric interpretation ${photometric}`}`
  }
  if (!DECODED.includes(compression)) {
    const name = COMPRESSIONS[compression]
    const number = `compression ${compression}`
    return `compressed by ${name === undefined ? `an unknown method (${number})` : `${name} (${number})`}`
  }
  if (photometric === CMYK && directory.value(TIFF_TAGS.inkSet, 1) !== 1) {
    return 'of inks other than cyan, magenta, yellow and black'
  }
  // libvips has neither right.
  if (photometric === LAB && (bitsPerSample !== 16 || extraBands > 0)) {
    return 'of L*a*b* colours with 8 bits a sample, or with alpha'
  }
  const planes = directory.value(TIFF_TAGS.planarConfiguration, 1) === 2
  if (tiled && planes) return 'with tiles of one colour each (PlanarConfiguration 2)'
  // libvips drops every error of such tiles.
  if (tiled && compression === OLD_JPEG) return 'with tiles of old-style JPEG (compression 6)'
  const subsampling = directory.values(TIFF_TAGS.subsampling)
  const whole = subsampling.length > 0 && subsampling.every((by) => by === 1)
  if (tiled && photometric === YCBCR && compression !== NEW_JPEG && !whole) {
    return 'with tiles of subsampled colours (YCbCr)'
  }
  return null
}

function pixelsOf(directory: TiffDirectory): number {
  return directory.value(TIFF_TAGS.width, 0) * directory.value(TIFF_TAGS.height, 0)
}

function unknownSamples(page: TiffPage): string | null {
  const { directory, bitsPerSample, samplesPerPixel, photometric, alphaAt } = page
  const format = directory
    .values(TIFF_TAGS.sampleFormat)
    .find((each) => each !== UNSIGNED && each !== UNDEFINED)
  if (format !== undefined) {
    const name = SAMPLE_FORMATS[format] ?? 'an unknown kind'
    return `whose samples are ${name} of ${bitsPerSample} bits (SampleFormat ${format})`
  }
  const bits = directory.values(TIFF_TAGS.bitsPerSample)
  if (bits.some((each) => each !== bitsPerSample)) {
    return `whose samples have different numbers of bits (${bits.join(', ')})`
  }
  if (samplesPerPixel > MAX_BANDS) return `with ${samplesPerPixel} bands, over ${MAX_BANDS}`
  if ((alphaAt ?? 0) > 0) return 'whose alpha is not the first band after its colours'
  const few = samplesPerPixel === 1 || photometric === PALETTE
  const taken = few ? [1, 2, 4, 8, 16] : [8, 16]
  if (!taken.includes(bitsPerSample)) return `whose samples have ${bitsPerSample} bits`
  return null
}

/** Looks whether all strips or tiles are there. What is compressed well may still be damaged inside. */
function missingPart(page: TiffPage, bytes: Uint8Array): string | null {
  const { directory, tiled, compression } = page
  const what = tiled ? 'tile' : 'strip'
  const offsets = tiled ? TIFF_TAGS.tileOffsets : TIFF_TAGS.stripOffsets
  const counts = tiled ? TIFF_TAGS.tileByteCounts : TIFF_TAGS.stripByteCounts
  const wanted = partsOf(page)
  const got = directory.count(offsets)
  if (got < wanted) return `with ${got} of its ${wanted} ${what}s`
  for (let i = 0; i < wanted; i++) {
    const at = directory.value(offsets, 0, i)
    const length = directory.value(counts, 0, i)
    if (at === 0 || (length === 0 && tiled))
      return `whose ${what} ${i + 1} of ${wanted} is not there`
    // libtiff makes up for a wrong length of a strip, from its offset and the end of the file.
    if (at + (tiled ? length : 1) > bytes.length) {
      return `that is cut off: ${what} ${i + 1} of ${wanted} ends at byte ${at + length} of ${bytes.length}`
    }
    if (compression === NEW_JPEG && !endsAsJpeg(bytes, at, length)) {
      return `whose ${what} ${i + 1} of ${wanted} is a JPEG that is cut off`
    }
  }
  return null
}

function partsOf({ directory, tiled, samplesPerPixel }: TiffPage): number {
  const { width, height, tileWidth, tileLength, rowsPerStrip, planarConfiguration } = TIFF_TAGS
  const across = tiled ? ceilDivided(directory.value(width, 0), directory.value(tileWidth, 0)) : 1
  const rows = tiled
    ? directory.value(tileLength, 0)
    : directory.value(rowsPerStrip, Number.POSITIVE_INFINITY)
  const down = Math.max(1, ceilDivided(directory.value(height, 0), rows))
  const planes = directory.value(planarConfiguration, 1) === 2 ? samplesPerPixel : 1
  return across * down * planes
}

function ceilDivided(length: number, by: number): number {
  return by > 0 ? Math.ceil(length / by) : 1
}

/** Tells whether the marker of the end is among the last bytes: some writers pad. */
function endsAsJpeg(bytes: Uint8Array, at: number, length: number): boolean {
  const end = Math.min(bytes.length, at + length)
  for (let i = end - 2; i >= Math.max(at, end - 64); i--) {
    if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) return true
  }
  return false
}
