import { AppError } from '../errors.ts'
import { isBlank } from '../image/blank.ts'
import { coloursOf } from '../image/colours.ts'
import { undecodable } from '../image/file-fault.ts'
import { fingerprintOf, isPlainFingerprint, type Raster } from '../image/fingerprint.ts'
import type { DecodeOptions, ImageDecoder, PreprocessSpec } from '../image/image-decoder.ts'
import { mendedJpeg } from '../image/jpeg-file.ts'
import { looksLight, vanishesOnWhite } from '../image/light-drawing.ts'
import { sniffImage } from '../image/media-type.ts'
import { cutOut, keptBox, planResize, type ResizePlan } from '../image/resize-plan.ts'
import { openEnlarger } from './enlarging/enlarger.ts'
import { IMAGE_SECONDS, startDeadline } from './sharp-cost.ts'
import { openPictures } from './sharp-frames.ts'
import { configureSharp } from './sharp-opening.ts'
import {
  type DecodeRules,
  decodeRaster,
  decodeWhole,
  makeThumbnail,
  type Picture,
} from './sharp-picture.ts'

const WHITE = '#ffffff'
/** What light drawings are composed on. */
const BLACK = '#000000'
/** The pixels that are decoded for a frame that is not blank, in multiples of the largest image: a later frame needs those before it. */
const FRAMES_WORK = 8

/** A picture as the model sees it. */
interface View {
  readonly picture: Picture
  readonly plan: ResizePlan
  readonly raster: Raster
  readonly background: string
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
      const refuse = refusalOf(bytes, mediaType)
      const rules = { maxPixels, refuse, secondsLeft: startDeadline(), take }
      const view = await viewOf(bytes, mediaType, spec, rules, signal)
      const { picture, plan, raster, background } = view
      const pixels = await pixelsOf(raster, plan, spec, enlarger)
      if (thumbnail) checkWanted(signal)
      const whole = fingerprint ? await wholeOf(view, rules) : null
      return {
        pixels,
        width: picture.width,
        height: picture.height,
        mediaType,
        thumbnail: thumbnail ? await makeThumbnail(picture, plan, raster, background, rules) : null,
        fingerprint: whole && tellingFingerprint(whole),
        colours: whole && coloursOf(whole),
      }
    },
    close: () => enlarger.close(),
  }
}

/** Decodes what a file shows. A JPEG that libjpeg warns of is tried again without the faults that do no harm. */
async function viewOf(
  bytes: Uint8Array,
  mediaType: string,
  spec: PreprocessSpec,
  rules: DecodeRules,
  signal: AbortSignal | undefined,
): Promise<View> {
  try {
    return await firstShown(bytes, mediaType, spec, rules, signal)
  } catch (error) {
    const mended = mediaType === 'image/jpeg' && isUndecodable(error) ? mendedJpeg(bytes) : null
    if (mended === null) throw error
    return await firstShown(mended, mediaType, spec, rules, signal)
  }
}

/** Decodes the picture of a file, or the first of its frames or pages that is not blank. */
async function firstShown(
  bytes: Uint8Array,
  mediaType: string,
  spec: PreprocessSpec,
  rules: DecodeRules,
  signal: AbortSignal | undefined,
): Promise<View> {
  const { first, later } = await openPictures(bytes, mediaType, rules)
  checkWanted(signal)
  const view = await look(first, spec, rules)
  if (later === null || !(await isBlankView(view, rules))) return view
  try {
    return (await laterView(later(), spec, rules, signal)) ?? view
  } catch (error) {
    // What comes after a picture that is sound does not make it unsound.
    if (isUndecodable(error)) return view
    throw error
  }
}

/** Finds the first picture that is not blank; null when there is none, or it would take too much work. */
async function laterView(
  pictures: AsyncGenerator<Picture>,
  spec: PreprocessSpec,
  rules: DecodeRules,
  signal: AbortSignal | undefined,
): Promise<View | null> {
  let work = 0
  let frame = 1
  for await (const picture of pictures) {
    checkWanted(signal)
    work += ++frame * picture.width * picture.height
    if (work > FRAMES_WORK * rules.maxPixels) return null
    const view = await look(picture, spec, rules)
    if (!(await isBlankView(view, rules))) return view
  }
  return null
}

async function isBlankView(view: View, rules: DecodeRules): Promise<boolean> {
  return isBlank(view.raster) && isBlank(await wholeOf(view, rules))
}

/** Decodes a picture for the model: on white, unless it is a drawing that white would hide. */
async function look(picture: Picture, spec: PreprocessSpec, rules: DecodeRules): Promise<View> {
  const plan = planResize(spec, picture)
  const onWhite = await decodeRaster(picture, plan, spec.kernel, WHITE, rules).catch(
    async (error) => {
      // It knows better what is wrong, if it is what is wrong.
      await picture.check?.(null)
      throw error
    },
  )
  await picture.check?.(plan.source === null ? onWhite : null)
  const view = { picture, plan, raster: onWhite, background: WHITE }
  if (!picture.hasAlpha || !looksLight(onWhite)) return view
  const onBlack = await decodeRaster(picture, plan, spec.kernel, BLACK, rules)
  if (!vanishesOnWhite(onWhite, onBlack)) return view
  return { ...view, raster: onBlack, background: BLACK }
}

async function wholeOf({ picture, plan, raster, background }: View, rules: DecodeRules) {
  return plan.source === null ? raster : await decodeWhole(picture, background, rules)
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

function tellingFingerprint(whole: Raster): string | null {
  const fingerprint = fingerprintOf(whole)
  return isPlainFingerprint(fingerprint) ? null : fingerprint
}

/** A pass of libvips cannot be stopped, so that callers who give up are looked for between passes. */
function checkWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new AppError('CANCELLED', 'the caller gave up waiting for a decoded image', {
      cause: signal.reason,
    })
  }
}

/** Turns an error of sharp to UNDECODABLE_IMAGE; what it says is not repeated, for it may be about another file. */
function refusalOf(bytes: Uint8Array, mediaType: string): DecodeRules['refuse'] {
  const started = performance.now()
  return (cause) => {
    const slow = performance.now() - started >= IMAGE_SECONDS * 1000
    const fault = `that takes over ${IMAGE_SECONDS} seconds to decode`
    throw undecodable(bytes, mediaType, slow ? { fault, cause } : { cause })
  }
}

function isUndecodable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'UNDECODABLE_IMAGE'
}
