import { availableParallelism } from 'node:os'
import sharp from 'sharp'
import { AppError } from '../errors.ts'
import { cutOut } from '../image/cut-out.ts'
import { fingerprintOf, type Raster } from '../image/fingerprint.ts'
import type { DecodedImage, ImageDecoder, PreprocessSpec } from '../image/image-decoder.ts'
import { type Box, planResize, type ResizePlan } from '../image/resize-plan.ts'
import { sniffImage } from '../image/sniff.ts'
import { Slots } from '../scheduling/slots.ts'
import { Enlarger } from './enlarging/enlarger.ts'

export interface SharpImageDecoderOptions {
  /** Width x height of the largest image that is decoded. */
  readonly maxPixels: number
  /**
   * Images to store that are decoded at once; one search more may be, so that slow images do not
   * hold searches up. libuv's pool (UV_THREADPOOL_SIZE) is a second bound.
   */
  readonly concurrency: number
  /** Searches, and images to store, that may wait. */
  readonly maxWaiting: number
  /** Of one pass over one image. */
  readonly timeoutSeconds: number
}

/** Holds a thread once it has enlarged a picture. */
export interface SharpImageDecoder extends ImageDecoder {
  /** Images that wait for their turn. */
  readonly waiting: number
  close(): Promise<void>
}

const THUMBNAIL = { side: 256, quality: 80, mediaType: 'image/jpeg' } as const
/** Sides of the raster that a fingerprint is made of where no other shows the whole image. */
const WHOLE_SIDE = 256
const WHITE = '#ffffff'
const MAX_REASON_CHARACTERS = 200
/** EXIF: 1 to 4 keep the sides, 5 to 8 swap them; anything else is no orientation. */
const SWAPS_SIDES = [5, 6, 7, 8]

/** The decoder of every image, by sharp (libvips). */
export function createSharpImageDecoder(
  options: Partial<SharpImageDecoderOptions> = {},
): SharpImageDecoder {
  const { maxPixels, concurrency, maxWaiting, timeoutSeconds } = {
    maxPixels: 64_000_000,
    concurrency: availableParallelism(),
    maxWaiting: 256,
    timeoutSeconds: 30,
    ...options,
  }
  if (!Number.isInteger(maxPixels) || maxPixels < 1) {
    throw new RangeError(`expected maxPixels to be an integer of at least 1, got ${maxPixels}`)
  }
  configureSharp()
  const slots = new Slots({
    maxRunning: concurrency + 1,
    maxBulkRunning: concurrency,
    maxWaiting,
    retryAfterSeconds: 1,
  })
  const limits = { maxPixels, timeoutSeconds }
  const enlarging = new Enlarger()
  return {
    get waiting() {
      return slots.waiting
    },
    async decode(bytes, spec, { thumbnail, fingerprint, priority = 'search', signal }) {
      // Before the queue: what is no image must not wait to hear it.
      const mediaType = sniffImage(bytes)
      const work = async () => {
        const size = await readSize(bytes, limits)
        checkWanted(signal)
        const plan = planResize(spec, size)
        const raster = await decodeRaster(bytes, plan, spec.kernel, limits)
        const pixels = await pixelsOf(raster, plan, spec, enlarging)
        if (thumbnail) checkWanted(signal)
        const whole = plan.source === null ? raster : null
        return {
          pixels,
          ...size,
          mediaType,
          thumbnail: thumbnail ? await makeThumbnail(bytes, size, plan, raster, limits) : null,
          fingerprint: fingerprint
            ? fingerprintOf(whole ?? (await decodeWhole(bytes, size, limits)))
            : null,
        }
      }
      return await slots.run(work, { priority, signal })
    },
    close: () => enlarging.close(),
  }
}

interface Limits {
  readonly maxPixels: number
  readonly timeoutSeconds: number
}

/**
 * One thread an image and no operation cache: requests are many and images differ, so that more
 * threads would only wait for each other. Only the loaders of the formats we name are left open,
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

async function readSize(bytes: Uint8Array, { maxPixels }: Limits) {
  const { width, height, orientation } = await open(bytes, maxPixels)
    .metadata()
    .catch(async (cause) => {
      if (!isPixelLimit(cause)) throw undecodable(cause)
      // Only to name the size in the refusal: the header is read, and no pixel.
      const header = await open(bytes, Number.MAX_SAFE_INTEGER)
        .metadata()
        .catch((reason) => {
          throw undecodable(reason)
        })
      throw new AppError(
        'TOO_MANY_PIXELS',
        `expected an image of at most ${maxPixels} pixels, got ${header.width} x ${header.height} = ${header.width * header.height}`,
        { cause },
      )
    })
  const swapped = SWAPS_SIDES.includes(orientation ?? 1)
  return swapped ? { width: height, height: width } : { width, height }
}

type Size = Pick<Box, 'width' | 'height'>

/** The model's input, of what libvips did of the plan. */
async function pixelsOf(
  raster: Raster,
  plan: ResizePlan,
  spec: PreprocessSpec,
  enlarging: Enlarger,
): Promise<Uint8Array> {
  const box = boxOf(plan, raster)
  const wanted = plan.enlarge === null ? spec : (plan.reduce ?? plan.source ?? raster)
  if (box.width !== wanted.width || box.height !== wanted.height) {
    throw new Error(
      `expected ${wanted.width} x ${wanted.height} pixels, got ${box.width} x ${box.height}`,
    )
  }
  if (plan.enlarge === null) return cutOut(raster, box)
  return await enlarging.enlarge(
    raster.pixels,
    { width: raster.width, height: raster.height },
    plan.enlarge,
    spec,
    spec.kernel,
  )
}

/** What is kept of a decoded raster: of one that covers a box its middle, and of that the crop. */
function boxOf({ reduce, crop }: ResizePlan, { width, height }: Size): Box {
  const cut = reduce?.fit === 'cover' ? reduce : { width, height }
  // As libvips does it: of an odd number of pixels too many, one more goes on the left and top.
  const left = Math.floor((width - cut.width + 1) / 2)
  const top = Math.floor((height - cut.height + 1) / 2)
  if (crop === null) return { left, top, width: cut.width, height: cut.height }
  return { ...crop, left: left + crop.left, top: top + crop.top }
}

/** The steps of a plan that libvips does. What juts out of a covered box is left on. */
async function decodeRaster(
  bytes: Uint8Array,
  { source, reduce }: Pick<ResizePlan, 'source' | 'reduce'>,
  kernel: PreprocessSpec['kernel'],
  { maxPixels, timeoutSeconds }: Limits,
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
    .timeout({ seconds: timeoutSeconds })
    .toBuffer({ resolveWithObject: true })
    .catch((cause) => {
      throw undecodable(cause)
    })
  if (info.channels !== 3) throw new Error(`expected 3 channels, got ${info.channels}`)
  return { pixels: data, width: info.width, height: info.height }
}

/** For images that are smaller than the model's input or of extreme shape: a second, small pass. */
function decodeWhole(bytes: Uint8Array, size: Size, limits: Limits): Promise<Raster> {
  const width = Math.min(size.width, WHOLE_SIDE)
  const height = Math.min(size.height, WHOLE_SIDE)
  return decodeRaster(
    bytes,
    { source: null, reduce: { width, height, fit: 'fill' } },
    'linear',
    limits,
  )
}

/** Of the raster that was made for the model where it shows the whole image, large enough; else anew. */
async function makeThumbnail(
  bytes: Uint8Array,
  size: Size,
  { source, reduce }: ResizePlan,
  { pixels, width, height }: Raster,
  { maxPixels, timeoutSeconds }: Limits,
): Promise<DecodedImage['thumbnail']> {
  const longest = Math.min(THUMBNAIL.side, Math.max(size.width, size.height))
  const suits = source === null && reduce?.fit === 'cover' && Math.max(width, height) >= longest
  const image = suits
    ? sharp(pixels, { raw: { width, height, channels: 3 } })
    : open(bytes, maxPixels)
  const data = await image
    .resize({
      width: THUMBNAIL.side,
      height: THUMBNAIL.side,
      fit: 'inside',
      withoutEnlargement: true,
    })
    .flatten({ background: WHITE })
    .toColourspace('srgb')
    .jpeg({ quality: THUMBNAIL.quality })
    .timeout({ seconds: timeoutSeconds })
    .toBuffer()
    .catch((cause) => {
      throw undecodable(cause)
    })
  return { mediaType: THUMBNAIL.mediaType, bytes: data }
}

/** libvips cannot be stopped in a pass, so the caller's word counts between passes. */
function checkWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new AppError('CANCELLED', 'the caller gave up waiting for a decoded image', {
      cause: signal.reason,
    })
  }
}

function isPixelLimit(cause: unknown): boolean {
  return cause instanceof Error && cause.message.includes('pixel limit')
}

function undecodable(cause: unknown): AppError {
  const reason = (cause instanceof Error ? cause.message : String(cause))
    .replaceAll(/\s+/g, ' ')
    .trim()
  return new AppError(
    'UNDECODABLE_IMAGE',
    `expected an image that decodes, got: ${reason.slice(0, MAX_REASON_CHARACTERS)}`,
    { cause },
  )
}
