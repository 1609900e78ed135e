import { undecodable } from '../image/file-fault.ts'
import { tiffFault } from '../image/tiff/tiff-fault.ts'
import { jpegTileFault } from '../image/tiff/tiff-jpeg.ts'
import type { TiffPage } from '../image/tiff/tiff-page.ts'
import { type Opening, openSharp } from './sharp-opening.ts'
import { type DecodeRules, openPicture, type Picture } from './sharp-picture.ts'

/** CCITT (4) and JPEG (old, new). */
const WARNING_CODECS = [2, 3, 4, 32771, 6, 7]
/** All tags that pixels depend on, and such as every writer has. */
const PICTURE_TAGS = [
  ...[254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 283, 284, 292, 293, 296],
  ...[317, 320, 332, 338, 339, 347, 529, 530, 531, 532, 34675],
  // Where old-style JPEG has its tables.
  ...[512, 513, 514, 515, 517, 518, 519, 520, 521],
]

/**
 * Opens a page of a TIFF. Where it has bands that are neither colour nor its alpha, they are dropped first: libvips takes the last
 * band for alpha, whatever ExtraSamples says.
 * @throws TOO_MANY_PIXELS, UNDECODABLE_IMAGE.
 */
export async function openTiffPage(
  bytes: Uint8Array,
  page: TiffPage,
  rules: DecodeRules,
): Promise<Picture> {
  const opening = openingOf(bytes, page)
  const picture = await openPicture(opening, rules)
  const refuse = (fault: string | null) => {
    if (fault !== null) throw undecodable(bytes, 'image/tiff', { fault })
  }
  refuse(tiffFault(page, bytes))
  const plain = page.extraBands === 0 || (page.extraBands === 1 && page.alphaAt !== null)
  const shown = plain ? picture : await withoutExtras(picture, page, rules)
  return { ...shown, check: async () => refuse(await jpegTileFault(page, bytes)) }
}

/**
 * Has decoding fail at warnings where nothing else is said of damage: of tiles, and of strips whose codec warns alone. libtiff warns
 * of odd tags too, so that a file with such strips and tags, or with other pages, is copied without them.
 */
function openingOf(bytes: Uint8Array, page: TiffPage): Opening {
  const { directory, tiled, compression, index } = page
  if (tiled) return { bytes, page: index, failOn: 'warning' }
  if (!WARNING_CODECS.includes(compression)) return { bytes, page: index, failOn: 'error' }
  const plain = index === 0 && directory.isLast && !directory.hasOthers(PICTURE_TAGS)
  const copy = plain ? bytes : directory.withTagsAlone(PICTURE_TAGS)
  return { bytes: copy, page: 0, failOn: 'warning' }
}

/** Makes pixels of colour, and of alpha where there is one. Nothing is resized here, so that no band is multiplied by another. */
async function withoutExtras(
  { opening, pages }: Picture,
  { alphaAt }: TiffPage,
  rules: DecodeRules,
): Promise<Picture> {
  const { maxPixels, refuse, secondsLeft } = rules
  const open = () => {
    return openSharp(opening, maxPixels).toColourspace('srgb').timeout({ seconds: secondsLeft() })
  }
  const { data, info } = await open()
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(refuse)
  const size = { width: info.width, height: info.height }
  const colour = { bytes: data, raw: { ...size, channels: 3 }, failOn: 'error' } as const
  if (alphaAt === null) return { ...size, opening: colour, hasAlpha: false, pages }
  const alpha = await open()
    .extractChannel('alpha')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch(refuse)
  const both = await openSharp(colour, maxPixels)
    .joinChannel(alpha, { raw: { ...size, channels: 1 } })
    .raw()
    .toBuffer()
  const raw = { ...size, channels: 4 } as const
  return { ...size, opening: { bytes: both, raw, failOn: 'error' }, hasAlpha: true, pages }
}
