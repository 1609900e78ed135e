import { readTiffDirectories, TIFF_TAGS, type TiffDirectory } from './tiff-directory.ts'

/** A page of a TIFF file, as far as it decides whether its picture can come out right. */
export interface TiffPage {
  /** The place in the chain of pages, from 0. */
  readonly index: number
  readonly directory: TiffDirectory
  readonly compression: number
  readonly photometric: number
  readonly bitsPerSample: number
  readonly samplesPerPixel: number
  /** Whether it is in tiles; else in strips. */
  readonly tiled: boolean
  /** The bands of the colour; null where the photometric interpretation is none that has a known number. */
  readonly colourBands: number | null
  /** The bands beyond the colour, and the place of alpha among them; null when none is alpha. */
  readonly extraBands: number
  readonly alphaAt: number | null
}

/** Values of ExtraSamples that mean alpha: premultiplied, not, and the number that Corel once wrote for the latter. */
const ALPHA = [1, 2, 999]
const COLOUR_BANDS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3, 8: 3 }
const REDUCED = 1
const MASK = 4
/** The value of the older tag SubfileType. */
const OLD_REDUCED = 2

/**
 * Gives the pages that show a picture in full: those that NewSubfileType calls neither a reduced version (a preview) nor a
 * mask. Where a file says that of all its pages, those that are no mask are given, unless pages of another kind lie below them.
 */
export function* fullPages(bytes: Uint8Array): Generator<TiffPage> {
  const previews: TiffPage[] = []
  let hidden = false
  let found = false
  let index = 0
  for (const directory of readTiffDirectories(bytes)) {
    const page = readPage(directory, index++)
    const kind = directory.value(TIFF_TAGS.newSubfileType, 0)
    const old = directory.value(TIFF_TAGS.subfileType, 0)
    if ((kind & MASK) !== 0) continue
    if ((kind & REDUCED) === 0 && old !== OLD_REDUCED) {
      found = true
      yield page
    } else if (!found) {
      previews.push(page)
      hidden ||= directory.has(TIFF_TAGS.subIfds)
    }
  }
  if (!found && !hidden) yield* previews
}

function readPage(directory: TiffDirectory, index: number): TiffPage {
  const photometric = directory.value(TIFF_TAGS.photometric, 1)
  const samplesPerPixel = directory.value(TIFF_TAGS.samplesPerPixel, 1)
  const colourBands = COLOUR_BANDS[photometric] ?? null
  const extraBands = Math.max(0, samplesPerPixel - (colourBands ?? samplesPerPixel))
  const extras = directory.values(TIFF_TAGS.extraSamples)
  // Where fewer are described than there are, the description is that of the last ones.
  const described = extras.slice(-extraBands || extras.length)
  const alpha = described.findIndex((kind) => ALPHA.includes(kind))
  return {
    index,
    directory,
    compression: directory.value(TIFF_TAGS.compression, 1),
    photometric,
    bitsPerSample: directory.value(TIFF_TAGS.bitsPerSample, 1),
    samplesPerPixel,
    tiled: directory.has(TIFF_TAGS.tileWidth),
    colourBands,
    extraBands,
    alphaAt: extraBands === 0 || alpha < 0 ? null : extraBands - described.length + alpha,
  }
}
