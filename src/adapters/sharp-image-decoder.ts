import sharp from 'sharp'
import { AppError, messageOf } from '../errors.ts'
import { fingerprintOf, type Raster } from '../image/fingerprint.ts'
import type {
  DecodedImage,
  DecodeOptions,
  ImageDecoder,
  PreprocessSpec,
} from '../image/image-decoder.ts'
import { sniffImage } from '../image/media-type.ts'
import { cutOut, keptBox, planResize, type ResizePlan, type Size } from '../image/resize-plan.ts'
import { openEnlarger } from './enlarging/enlarger.ts'
import { checkSides, decodingBytes, startDeadline } from './sharp-cost.ts'

const THUMBNAIL_SIDE = 256
const THUMBNAIL_QUALITY = 80
/** The largest sides of the raster that a fingerprint is made of where no other shows the whole image. */
const WHOLE_SIDE = 256
const WHITE = '#ffffff'
const MAX_REASON_CHARACTERS = 200
/** The orientations of EXIF that swap the sides: 1 to 4 keep them, and anything else is no orientation. */
const SWAPS_SIDES = [5, 6, 7, 8]

/** The bounds of decoding one image. */
interface Bounds {
  readonly maxPixels: number
  /** Gives the seconds that are left for all passes over it. */
  readonly secondsLeft: () => number
  readonly take: DecodeOptions['take']
}

/**
 * Makes the decoder of every image, by sharp (libvips). UV_THREADPOOL_SIZE bounds how many images libuv decodes at once.
 * Once it has enlarged an image it holds a thread, until it is closed.
 * @param options.maxPixels the width x height of the largest image that is decoded.
 */
export function createSharpImageDecoder({
  maxPixels = 64_000_000,
} = {}): ImageDecoder & { close(): Promise<void> } {
  if (!Number.isInteger(maxPixels) || maxPixels < 1) {
    throw new RangeError(`expected maxPixels to be an integer of at least 1, got ${maxPixels}`)
  }
  configureSharp()
  const enlarger = openEnlarger()
  return {
    async decode(bytes, spec, { thumbnail, fingerprint, signal, take }: DecodeOptions = {}) {
      const mediaType = sniffImage(bytes)
      const bounds = { maxPixels, secondsLeft: startDeadline(), take }
      const size = await readSize(bytes, bounds)
      checkWanted(signal)
      const plan = planResize(spec, size)
      const raster = await decodeRaster(bytes, plan, spec.kernel, bounds)
      const pixels = await pixelsOf(raster, plan, spec, enlarger)
      if (thumbnail) checkWanted(signal)
      const whole = plan.source === null ? raster : null
      return {
        pixels,
        ...size,
        mediaType,
        thumbnail: thumbnail ? await makeThumbnail(bytes, size, plan, raster, bounds) : null,
        fingerprint: fingerprint
          ? fingerprintOf(whole ?? (await decodeWhole(bytes, size, bounds)))
          : null,
      }
    },
    close: () => enlarger.close(),
  }
}

/**
 * Gives each image one thread and no operation cache: requests are many and images differ, so that more
 * threads would only wait for each other. Only the loaders of the formats that we name are left open,
 * in case a file passes for one of them and is another inside.
 */
function configureSharp(): void {
  sharp.concurrency(1)
  sharp.cache(false)
  sharp.block({ operation: ['VipsForeignLoad'] })
  const loaders = ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif', 'Tiff']
  sharp.unblock({ operation: loaders.map((name) => `VipsForeignLoad${name}`) })
}

function open(bytes: Uint8Array, maxPixels: number) {
  return sharp(bytes, {
    limitInputPixels: maxPixels,
    failOn: 'error',
    page: 0,
    pages: 1,
    sequentialRead: true,
    autoOrient: true,
  })
}

async function readSize(bytes: Uint8Array, { maxPixels, take }: Bounds): Promise<Size> {
  const header = await open(bytes, maxPixels)
    .metadata()
    .catch(async (cause) => {
      if (!(cause instanceof Error && cause.message.includes('pixel limit'))) undecodable(cause)
      // Only to name the size in the refusal: the header is read, and no pixel.
      const header = await open(bytes, Number.MAX_SAFE_INTEGER).metadata().catch(undecodable)
      throw new AppError(
        'TOO_MANY_PIXELS',
        `expected an image of at most ${maxPixels} pixels, got ${header.width} x ${header.height} = ${header.width * header.height}`,
        { cause },
      )
    })
  checkSides(header)
  take?.(decodingBytes(header))
  const { width, height, orientation } = header
  const swapped = SWAPS_SIDES.includes(orientation ?? 1)
  return swapped ? { width: height, height: width } : { width, height }
}

/** Does the steps of a plan that libvips does not. @returns the model's input. */
async function pixelsOf(
  raster: Raster,
  plan: ResizePlan,
  spec: PreprocessSpec,
  enlarger: ReturnType<typeof openEnlarger>,
): Promise<Uint8Array> {
  const box = keptBox(plan, raster)
  const wanted = plan.enlarge === null ? spec : (plan.reduce ?? plan.source ?? raster)
  if (box.width !== wanted.width || box.height !== wanted.height) {
    throw new Error(
      `expected ${wanted.width} x ${wanted.height} pixels, got ${box.width} x ${box.height}`,
    )
  }
  if (plan.enlarge === null) return cutOut(raster, box)
  const { pixels, width, height } = raster
  return await enlarger.call('enlarge', [
    pixels,
    { width, height },
    plan.enlarge,
    spec,
    spec.kernel,
  ])
}

/** Does the steps of a plan that libvips does. What juts out of a covered box is left on. */
async function decodeRaster(
  bytes: Uint8Array,
  { source, reduce }: Pick<ResizePlan, 'source' | 'reduce'>,
  kernel: PreprocessSpec['kernel'],
  { maxPixels, secondsLeft }: Bounds,
): Promise<Raster> {
  let image = open(bytes, maxPixels)
  if (source !== null) image = image.extract(source)
  if (reduce !== null) {
    const fit = reduce.fit === 'cover' ? 'outside' : 'fill'
    // fastShrinkOnLoad would leave less than a factor of two to the kernel, and alias.
    image = image.resize({ ...reduce, fit, kernel, fastShrinkOnLoad: false })
  }
  const { data, info } = await image
    .flatten({ background: WHITE })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .timeout({ seconds: secondsLeft() })
    .toBuffer({ resolveWithObject: true })
    .catch(undecodable)
  if (info.channels !== 3) throw new Error(`expected 3 channels, got ${info.channels}`)
  return { pixels: data, width: info.width, height: info.height }
}

/** Decodes the whole of an image that is smaller than the model's input or of extreme shape: a second, small pass. */
function decodeWhole(bytes: Uint8Array, size: Size, bounds: Bounds): Promise<Raster> {
  const width = Math.min(size.width, WHOLE_SIDE)
  const height = Math.min(size.height, WHOLE_SIDE)
  const plan = { source: null, reduce: { width, height, fit: 'fill' } } as const
  return decodeRaster(bytes, plan, 'linear', bounds)
}

/** Uses the raster that was made for the model where it shows the whole image, large enough; else decodes again. */
async function makeThumbnail(
  bytes: Uint8Array,
  size: Size,
  { source, reduce }: ResizePlan,
  { pixels, width, height }: Raster,
  { maxPixels, secondsLeft }: Bounds,
): Promise<DecodedImage['thumbnail']> {
  const side = THUMBNAIL_SIDE
  const longest = Math.min(side, Math.max(size.width, size.height))
  const suits = source === null && reduce?.fit === 'cover' && Math.max(width, height) >= longest
  const image = suits
    ? sharp(pixels, { raw: { width, height, channels: 3 } })
    : open(bytes, maxPixels)
  const data = await image
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: WHITE })
    .toColourspace('srgb')
    .jpeg({ quality: THUMBNAIL_QUALITY })
    .timeout({ seconds: secondsLeft() })
    .toBuffer()
    .catch(undecodable)
  return { mediaType: 'image/jpeg', bytes: data }
}

/** A pass of libvips cannot be stopped, so that callers who give up are looked for between passes. */
function checkWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new AppError('CANCELLED', 'the caller gave up waiting for a decoded image', {
      cause: signal.reason,
    })
  }
}

/** @throws UNDECODABLE_IMAGE. */
function undecodable(cause: unknown): never {
  const reason = messageOf(cause).replaceAll(/\s+/g, ' ').trim()
  const message = `expected an image that decodes, got: ${reason.slice(0, MAX_REASON_CHARACTERS)}`
  throw new AppError('UNDECODABLE_IMAGE', message, { cause })
}
