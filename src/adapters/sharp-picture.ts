import sharp, { type Metadata } from 'sharp'
import { AppError } from '../errors.ts'
import type { Raster } from '../image/fingerprint.ts'
import type { DecodedImage, DecodeOptions, PreprocessSpec } from '../image/image-decoder.ts'
import { plainHeader } from '../image/plain-header.ts'
import type { ResizePlan, Size } from '../image/resize-plan.ts'
import { checkSides, decodingBytes, type Header } from './sharp-cost.ts'
import { type Opening, openSharp } from './sharp-opening.ts'

/** A picture of a file: one frame or page, opened in one way, whose header has been read. */
export interface Picture extends Size {
  readonly opening: Opening
  readonly hasAlpha: boolean
  /** The frames or pages of the file. */
  readonly pages: number
  /**
   * Looks for damage that libvips does not notice.
   * @param whole all of the picture as it came out, at any size; null where it is not there.
   * @throws UNDECODABLE_IMAGE.
   */
  readonly check?: (whole: Raster | null) => Promise<void>
}

/** A picture as the model sees it. */
export interface View {
  readonly picture: Picture
  readonly plan: ResizePlan
  /** What the pixels of the model are made of. */
  readonly raster: Raster
  /** All of the picture, at the size that it came out; null where that was not made. */
  readonly whole: Raster | null
  readonly background: string
}

/** The picture that a file shows, and the frames or pages after it, up to MOST_FRAMES in all; null when there are none. */
export interface Pictures {
  readonly first: Picture
  readonly later: (() => AsyncGenerator<Picture>) | null
}

/** The bounds of decoding, and what becomes of an error of sharp. */
export interface DecodeRules {
  readonly maxPixels: number
  readonly refuse: (cause: unknown) => never
  /** Gives the seconds that are left for all passes over the image. */
  readonly secondsLeft: () => number
  readonly take: DecodeOptions['take']
}

/** The frames or pages of a file that are looked at for one that is not blank. */
export const MOST_FRAMES = 32
const THUMBNAIL_SIDE = 256
const THUMBNAIL_QUALITY = 80
/** The largest sides of the raster that a fingerprint is made of where no other shows the whole image. */
const WHOLE_SIDE = 256
/** The orientations of EXIF that swap the sides: 1 to 4 keep them, and anything else is no orientation. */
const SWAPS_SIDES = [5, 6, 7, 8]

/** @throws TOO_MANY_PIXELS, UNDECODABLE_IMAGE. */
export async function openPicture(opening: Opening, rules: DecodeRules): Promise<Picture> {
  const header = plainHeaderOf(opening, rules) ?? (await readHeader(opening, rules))
  checkSides(header)
  rules.take?.(decodingBytes(header))
  const { width, height, orientation, hasAlpha = false, pages = 1 } = header
  const swapped = SWAPS_SIDES.includes(orientation ?? 1)
  const size = swapped ? { width: height, height: width } : { width, height }
  return { ...size, opening: reduced(opening, header), hasAlpha, pages }
}

/** Reads the header of an ordinary file, which saves a call of sharp; null for any other, and for too many pixels. */
function plainHeaderOf({ bytes, raw, page }: Opening, { maxPixels }: DecodeRules): Header | null {
  if (raw !== undefined || (page ?? 0) !== 0) return null
  const header = plainHeader(bytes)
  if (header === null || header.width * header.height > maxPixels) return null
  return { ...header, depth: 'uchar' }
}

async function readHeader(opening: Opening, { maxPixels, refuse }: DecodeRules): Promise<Metadata> {
  return await openSharp(opening, maxPixels)
    .metadata()
    .catch(async (cause) => {
      if (!(cause instanceof Error && cause.message.includes('pixel limit'))) refuse(cause)
      // Only to name the size in the refusal: the header is read, and no pixel.
      const header = await openSharp(opening, Number.MAX_SAFE_INTEGER).metadata().catch(refuse)
      throw new AppError(
        'TOO_MANY_PIXELS',
        `expected an image of at most ${maxPixels} pixels, got ${header.width} x ${header.height} = ${header.width * header.height}`,
        { cause },
      )
    })
}

/**
 * Has samples of 16 bits made ones of 8 bits before a profile is applied: sharp would convert RGB to Display P3 and leave it there, and
 * would ignore the profile of grey.
 */
function reduced(opening: Opening, { depth, space, hasProfile }: Header): Opening {
  if (depth !== 'ushort' || !hasProfile) return opening
  if (space === 'rgb16') return { ...opening, reducedTo: 'srgb' }
  if (space === 'grey16') return { ...opening, reducedTo: 'b-w' }
  return opening
}

/** Does the steps of a plan that libvips does. What juts out of a covered box is left on. @param background of transparency. */
export async function decodeRaster(
  { opening }: Picture,
  { source, reduce }: Pick<ResizePlan, 'source' | 'reduce'>,
  kernel: PreprocessSpec['kernel'],
  background: string,
  { maxPixels, refuse, secondsLeft }: DecodeRules,
): Promise<Raster> {
  let image = openSharp(opening, maxPixels)
  if (source !== null) image = image.extract(source)
  if (reduce !== null) {
    const fit = reduce.fit === 'cover' ? 'outside' : 'fill'
    // fastShrinkOnLoad would leave less than a factor of two to the kernel, and alias.
    image = image.resize({ ...reduce, fit, kernel, fastShrinkOnLoad: false })
  }
  const { data, info } = await image
    .flatten({ background })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .timeout({ seconds: secondsLeft() })
    .toBuffer({ resolveWithObject: true })
    .catch(refuse)
  if (info.channels !== 3) throw new Error(`expected 3 channels, got ${info.channels}`)
  return { pixels: data, width: info.width, height: info.height }
}

/** Tells whether a picture is decoded as a whole even where the model sees a part of it: fingerprint and thumbnail show it in its own size. */
export function isSmall({ width, height }: Size): boolean {
  return Math.max(width, height) <= WHOLE_SIDE
}

/** Decodes the whole of an image that is smaller than the model's input or of extreme shape: a second, small pass. */
export function decodeWhole(
  picture: Picture,
  background: string,
  rules: DecodeRules,
): Promise<Raster> {
  const width = Math.min(picture.width, WHOLE_SIDE)
  const height = Math.min(picture.height, WHOLE_SIDE)
  const plan = { source: null, reduce: { width, height, fit: 'fill' } } as const
  return decodeRaster(picture, plan, 'linear', background, rules)
}

/** Makes it of the whole picture where that is there, large enough and in shape; else decodes again. */
export async function makeThumbnail(
  { picture, plan: { reduce }, whole, background }: View,
  { maxPixels, refuse, secondsLeft }: DecodeRules,
): Promise<DecodedImage['thumbnail']> {
  const side = THUMBNAIL_SIDE
  const longest = Math.min(side, Math.max(picture.width, picture.height))
  const inShape = reduce === null || reduce.fit === 'cover'
  const suits = whole !== null && inShape && Math.max(whole.width, whole.height) >= longest
  const image = suits
    ? sharp(whole.pixels, { raw: { width: whole.width, height: whole.height, channels: 3 } })
    : openSharp(picture.opening, maxPixels)
  const data = await image
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .flatten({ background })
    .toColourspace('srgb')
    .jpeg({ quality: THUMBNAIL_QUALITY })
    .timeout({ seconds: secondsLeft() })
    .toBuffer()
    .catch(refuse)
  return { mediaType: 'image/jpeg', bytes: data }
}
