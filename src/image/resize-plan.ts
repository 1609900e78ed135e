import type { PreprocessSpec } from './image-decoder.ts'

/** In pixels; fractions only where it is said. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

type Size = Pick<Box, 'width' | 'height'>

/** How an upright image becomes a model's input: steps, in order, null where there is no need. */
export interface ResizePlan {
  /** Cut this out. */
  readonly source: Box | null
  /** Scale down: `fill` to just this size, `cover` to this size with what juts out cut away. */
  readonly reduce: (Size & { readonly fit: 'cover' | 'fill' }) | null
  /** Cut this out. */
  readonly crop: Box | null
  /** Scale this part up to the model's size (`enlarge`); fractions of pixels. */
  readonly enlarge: Box | null
}

/** Longest side of a reduced image before its crop; beyond it most of the work would be cut away. */
const MAX_REDUCED_SIDE = 8192
/** What the widest kernel (lanczos3) sees around a box, and one for rounding. */
const KERNEL_MARGIN = 4

/** @param size of the source in pixels, after EXIF orientation. */
export function planResize(spec: PreprocessSpec, { width, height }: Size): ResizePlan {
  if (spec.resize === 'stretch') {
    const part = { width: Math.min(width, spec.width), height: Math.min(height, spec.height) }
    const reduced = part.width === spec.width && part.height === spec.height
    return {
      source: null,
      reduce: { ...part, fit: 'fill' },
      crop: null,
      enlarge: reduced ? null : { left: 0, top: 0, ...part },
    }
  }
  const covered = {
    width: spec.width / spec.cropFraction,
    height: spec.height / spec.cropFraction,
  }
  const scale = Math.max(covered.width / width, covered.height / height)
  const scaled = (by: number, size: Size) => ({ width: size.width * by, height: size.height * by })
  if (scale > 1) {
    const box = centred({ width, height }, scaled(1 / scale, spec))
    const source = outward(box, { width, height })
    const enlarge = { ...box, left: box.left - source.left, top: box.top - source.top }
    return { source, reduce: null, crop: null, enlarge }
  }
  const reduce = { width: Math.round(covered.width), height: Math.round(covered.height) }
  const crop = wholePixels(centred(reduce, spec))
  // A cut before the reduction is dear: JPEG then cannot shrink while it loads.
  const long = scale * Math.max(width, height) > MAX_REDUCED_SIDE
  const source = long
    ? outward(centred({ width, height }, scaled(1 / scale, covered)), { width, height })
    : null
  return { source, reduce: { ...reduce, fit: 'cover' }, crop, enlarge: null }
}

function centred(outer: Size, { width, height }: Size): Box {
  return { left: (outer.width - width) / 2, top: (outer.height - height) / 2, width, height }
}

function wholePixels({ left, top, width, height }: Box): Box {
  return { left: Math.floor(left), top: Math.floor(top), width, height }
}

/** Whole pixels around a box with a kernel's margin, inside the image. */
function outward(box: Box, image: Size): Box {
  const left = Math.max(0, Math.floor(box.left) - KERNEL_MARGIN)
  const top = Math.max(0, Math.floor(box.top) - KERNEL_MARGIN)
  const right = Math.min(image.width, Math.ceil(box.left + box.width) + KERNEL_MARGIN)
  const bottom = Math.min(image.height, Math.ceil(box.top + box.height) + KERNEL_MARGIN)
  return { left, top, width: right - left, height: bottom - top }
}
