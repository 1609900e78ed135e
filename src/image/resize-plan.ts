import type { Raster } from './fingerprint.ts'
import type { PreprocessSpec } from './image-decoder.ts'

/** A part of an image in pixels; with fractions only where the docstring names them. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export type Size = Pick<Box, 'width' | 'height'>

/** The steps, in order, by which an upright image becomes a model's input; null where there is no need. */
export interface ResizePlan {
  /** The part that is cut out first. */
  readonly source: Box | null
  /** The size that it is scaled down to: `fill` to just this size, `cover` with what juts out cut away. */
  readonly reduce: (Size & { readonly fit: 'cover' | 'fill' }) | null
  /** The part that is cut out of that. */
  readonly crop: Box | null
  /** The part that is scaled up to the model's size (`enlarge`); in fractions of pixels. */
  readonly enlarge: Box | null
}

/** The longest side of a reduced image before its crop; beyond it most of the work would be cut away. */
const MAX_REDUCED_SIDE = 8192
/** The pixels that the widest kernel (lanczos3) sees around a box, and one for rounding. */
const KERNEL_MARGIN = 4

/** Plans how the input of a model is made. @param size of the source, after EXIF orientation. */
export function planResize(spec: PreprocessSpec, size: Size): ResizePlan {
  if (spec.resize === 'centre-crop') return coveringPlan(spec, size)
  const whole =
    spec.resize === 'stretch'
      ? wholeSize(beforeCrop(spec))
      : shortestEdgeSize(Math.round(spec.width / spec.cropFraction), size)
  // The shape is so extreme that whole pixels do not show.
  if (spec.resize === 'shortest-edge' && Math.max(whole.width, whole.height) > MAX_REDUCED_SIDE) {
    return coveringPlan(spec, size)
  }
  return wholePlan(spec, size, whole)
}

/**
 * Gives the size of an image whose shorter side became `edge`, as transformers does
 * (`get_resize_output_image_size`): the longer side is cut to whole pixels.
 */
function shortestEdgeSize(edge: number, { width, height }: Size): Size {
  return width <= height
    ? { width: edge, height: Math.trunc((edge * height) / width) }
    : { width: Math.trunc((edge * width) / height), height: edge }
}

/** Scales to `whole`, and cuts the model's size out of its middle. */
function wholePlan(spec: PreprocessSpec, size: Size, whole: Size): ResizePlan {
  const crop = wholePixels(centred(whole, spec))
  const part = {
    width: Math.min(size.width, whole.width),
    height: Math.min(size.height, whole.height),
  }
  if (sameSize(part, whole)) {
    const cut = sameSize(whole, spec) ? null : crop
    return { source: null, reduce: { ...part, fit: 'fill' }, crop: cut, enlarge: null }
  }
  const across = part.width / whole.width
  const down = part.height / whole.height
  const box = {
    left: crop.left * across,
    top: crop.top * down,
    width: crop.width * across,
    height: crop.height * down,
  }
  if (!sameSize(part, size)) {
    return { source: null, reduce: { ...part, fit: 'fill' }, crop: null, enlarge: box }
  }
  return enlargingPlan(box, size)
}

/** Scales until the model's size, and what the crop leaves out, is just covered. */
function coveringPlan(spec: PreprocessSpec, size: Size): ResizePlan {
  const covered = beforeCrop(spec)
  const scale = Math.max(covered.width / size.width, covered.height / size.height)
  if (scale > 1) return enlargingPlan(centred(size, scaled(spec, 1 / scale)), size)
  const reduce = wholeSize(covered)
  const crop = wholePixels(centred(reduce, spec))
  // A cut before the reduction is expensive: JPEG then cannot shrink while it loads.
  const long = scale * Math.max(size.width, size.height) > MAX_REDUCED_SIDE
  const source = long ? outward(centred(size, scaled(covered, 1 / scale)), size) : null
  return { source, reduce: { ...reduce, fit: 'cover' }, crop, enlarge: null }
}

/** Scales a part of an image of `size` up, which libvips cuts out before with a margin. */
function enlargingPlan(part: Box, size: Size): ResizePlan {
  const source = outward(part, size)
  const enlarge = { ...part, left: part.left - source.left, top: part.top - source.top }
  return { source, reduce: null, crop: null, enlarge }
}

/** Gives the size out of whose middle the input of the model is cut. */
function beforeCrop({ width, height, cropFraction }: PreprocessSpec): Size {
  return { width: width / cropFraction, height: height / cropFraction }
}

function scaled({ width, height }: Size, by: number): Size {
  return { width: width * by, height: height * by }
}

function centred(outer: Size, { width, height }: Size): Box {
  return { left: (outer.width - width) / 2, top: (outer.height - height) / 2, width, height }
}

function wholeSize({ width, height }: Size): Size {
  return { width: Math.round(width), height: Math.round(height) }
}

function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height
}

function wholePixels({ left, top, width, height }: Box): Box {
  return { left: Math.floor(left), top: Math.floor(top), width, height }
}

/** Widens a box by a kernel's margin to whole pixels, inside the image. */
function outward(box: Box, image: Size): Box {
  const left = Math.max(0, Math.floor(box.left) - KERNEL_MARGIN)
  const top = Math.max(0, Math.floor(box.top) - KERNEL_MARGIN)
  const right = Math.min(image.width, Math.ceil(box.left + box.width) + KERNEL_MARGIN)
  const bottom = Math.min(image.height, Math.ceil(box.top + box.height) + KERNEL_MARGIN)
  return { left, top, width: right - left, height: bottom - top }
}

/** Gives the part of a decoded raster that is used: the middle of one that covers a box, and of that the crop. */
export function keptBox({ reduce, crop }: ResizePlan, { width, height }: Size): Box {
  const cut = reduce?.fit === 'cover' ? reduce : { width, height }
  // As libvips does it: of an odd number of pixels too many, one more goes on the left and top.
  const left = Math.floor((width - cut.width + 1) / 2)
  const top = Math.floor((height - cut.height + 1) / 2)
  if (crop === null) return { left, top, width: cut.width, height: cut.height }
  return { ...crop, left: left + crop.left, top: top + crop.top }
}

/** Copies the part of a raster inside a box of whole pixels. */
export function cutOut({ pixels, width }: Raster, box: Box): Uint8Array {
  const part = new Uint8Array(box.width * box.height * 3)
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * width + box.left) * 3
    part.set(pixels.subarray(from, from + box.width * 3), y * box.width * 3)
  }
  return part
}
