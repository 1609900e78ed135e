import { AppError } from '../errors.ts'
import { sha256Of } from '../files/sha256.ts'
import { isBlank } from '../image/blank.ts'
import { coloursOf } from '../image/colours.ts'
import { enlarge } from '../image/enlarge.ts'
import { undecodable } from '../image/file-fault.ts'
import { fingerprintOf, isPlainFingerprint, type Raster } from '../image/fingerprint.ts'
import type { DecodedImage, DecodeOptions, PreprocessSpec } from '../image/image-decoder.ts'
import { mendedJpeg } from '../image/jpeg-file.ts'
import { looksLight, vanishesOnWhite } from '../image/light-drawing.ts'
import { sniffImage } from '../image/media-type.ts'
import { pictureQuality } from '../image/picture-quality.ts'
import { cutOut, keptBox, planResize, type ResizePlan } from '../image/resize-plan.ts'
import { viewedSpec, viewPixels } from '../image/view-pixels.ts'
import type { StopSign } from '../threads/stop-flags.ts'
import { enlargingKernels } from './decoding/enlarging-kernels.ts'
import { IMAGE_SECONDS, startDeadline } from './sharp-cost.ts'
import { openPictures } from './sharp-frames.ts'
import {
  type DecodeRules,
  decodeRaster,
  decodeWhole,
  isSmall,
  makeThumbnail,
  type Picture,
  type View,
} from './sharp-picture.ts'

const WHITE = '#ffffff'
/** What light drawings are composed on. */
const BLACK = '#000000'
/** The pixels that are decoded for a frame that is not blank, in multiples of the largest image: a later frame needs those before it. */
const FRAMES_WORK = 8

/** What is made of an image, and its bounds. */
interface Wanted
  extends Pick<DecodeOptions, 'thumbnail' | 'fingerprint' | 'quality' | 'view' | 'take'> {
  /** The width x height of the largest image that is decoded. */
  readonly maxPixels: number
  readonly stop: StopSign
}

/** Decodes an image as `ImageDecoder.decode` does. */
export async function decodeImage(
  bytes: Uint8Array,
  spec: PreprocessSpec,
  { maxPixels, thumbnail = false, fingerprint = false, quality = false, view, take, stop }: Wanted,
): Promise<DecodedImage> {
  const mediaType = sniffImage(bytes)
  const refuse = refusalOf(bytes, mediaType)
  const rules = { maxPixels, refuse, secondsLeft: startDeadline(), take }
  const seenSpec = view === undefined ? spec : viewedSpec(spec)
  const seen = await viewOf(bytes, mediaType, seenSpec, rules, stop)
  const { picture, plan, raster } = seen
  const pixels = pixelsOf(raster, plan, seenSpec)
  if (thumbnail) stop.check()
  const whole = fingerprint ? await wholeOf(seen, rules) : null
  return {
    pixels: view === undefined ? pixels : viewPixels(enlargingKernels(), pixels, spec, view),
    width: picture.width,
    height: picture.height,
    mediaType,
    thumbnail: thumbnail ? await makeThumbnail(seen, rules) : null,
    fingerprint: whole && tellingFingerprint(whole),
    colours: whole && coloursOf(whole),
    contentHash: fingerprint ? sha256Of(bytes) : null,
    ...(quality && { quality: pictureQuality(pixels, spec) }),
  }
}

/** Decodes what a file shows. A JPEG that libjpeg warns of is tried again without the faults that do no harm. */
async function viewOf(
  bytes: Uint8Array,
  mediaType: string,
  spec: PreprocessSpec,
  rules: DecodeRules,
  stop: StopSign,
): Promise<View> {
  try {
    return await firstShown(bytes, mediaType, spec, rules, stop)
  } catch (error) {
    const mended = mediaType === 'image/jpeg' && isUndecodable(error) ? mendedJpeg(bytes) : null
    if (mended === null) throw error
    return await firstShown(mended, mediaType, spec, rules, stop)
  }
}

/** Decodes the picture of a file, or the first of its frames or pages that is not blank. */
async function firstShown(
  bytes: Uint8Array,
  mediaType: string,
  spec: PreprocessSpec,
  rules: DecodeRules,
  stop: StopSign,
): Promise<View> {
  const { first, later } = await openPictures(bytes, mediaType, rules)
  stop.check()
  const view = await look(first, spec, rules)
  if (later === null || !(await isBlankView(view, rules))) return view
  try {
    return (await laterView(later(), spec, rules, stop)) ?? view
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
  stop: StopSign,
): Promise<View | null> {
  let work = 0
  let frame = 1
  for await (const picture of pictures) {
    stop.check()
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
  const onWhite = await decodeView(picture, plan, spec, WHITE, rules).catch(async (error) => {
    // It knows better what is wrong, if it is what is wrong.
    await picture.check?.(null)
    throw error
  })
  await picture.check?.(onWhite.whole)
  if (!picture.hasAlpha || !looksLight(onWhite.raster)) return onWhite
  const onBlack = await decodeView(picture, plan, spec, BLACK, rules)
  return vanishesOnWhite(onWhite.raster, onBlack.raster) ? onBlack : onWhite
}

async function decodeView(
  picture: Picture,
  plan: ResizePlan,
  { kernel }: PreprocessSpec,
  background: string,
  rules: DecodeRules,
): Promise<View> {
  const { source } = plan
  const view = { picture, plan, background }
  if (source !== null && plan.reduce === null && isSmall(picture)) {
    const whole = await decodeRaster(
      picture,
      { source: null, reduce: null },
      kernel,
      background,
      rules,
    )
    return { ...view, whole, raster: { ...source, pixels: cutOut(whole, source) } }
  }
  const raster = await decodeRaster(picture, plan, kernel, background, rules)
  return { ...view, raster, whole: source === null ? raster : null }
}

async function wholeOf({ picture, whole, background }: View, rules: DecodeRules) {
  return whole ?? (await decodeWhole(picture, background, rules))
}

/** Does the steps of a plan that libvips does not. @returns the model's input. */
function pixelsOf(raster: Raster, plan: ResizePlan, spec: PreprocessSpec): Uint8Array {
  const box = keptBox(plan, raster)
  const wanted = plan.enlarge === null ? spec : (plan.reduce ?? plan.source ?? raster)
  if (box.width !== wanted.width || box.height !== wanted.height) {
    throw new Error(
      `expected ${wanted.width} x ${wanted.height} pixels, got ${box.width} x ${box.height}`,
    )
  }
  if (plan.enlarge === null) return cutOut(raster, box)
  return enlarge(enlargingKernels(), raster.pixels, raster, plan.enlarge, spec, spec.kernel)
}

function tellingFingerprint(whole: Raster): string | null {
  const fingerprint = fingerprintOf(whole)
  return isPlainFingerprint(fingerprint) ? null : fingerprint
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
