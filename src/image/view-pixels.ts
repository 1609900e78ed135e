import { type EnlargingKernels, enlarge } from './enlarge.ts'
import type { ImageView, PreprocessSpec } from './image-decoder.ts'

/** Gives what is decoded for a view: also what the model otherwise crops away, at the same scale. */
export function viewedSpec(spec: PreprocessSpec): PreprocessSpec {
  const [width, height] = [spec.width, spec.height].map((side) =>
    Math.round(side / spec.cropFraction),
  ) as [number, number]
  return { ...spec, width, height, cropFraction: 1 }
}

/**
 * Cuts a view out of decoded pixels, and scales it to the model's input.
 * @param pixels by `viewedSpec(spec)`.
 */
export function viewPixels(
  kernels: EnlargingKernels,
  pixels: Uint8Array,
  spec: PreprocessSpec,
  view: ImageView,
): Uint8Array<ArrayBuffer> {
  const decoded = viewedSpec(spec)
  const [width, height] = [view.width * spec.width, view.height * spec.height]
  const left = view.across * (decoded.width - width)
  const top = view.down * (decoded.height - height)
  const box = { left, top, width, height }
  const scaled = enlarge(kernels, pixels, decoded, box, spec, spec.kernel)
  if (view.isMirrored) mirror(scaled, spec.width)
  for (let i = 0; i < scaled.length; i++) {
    scaled[i] = Math.min(255, Math.round(scaled[i]! * view.gains[i % 3]!))
  }
  return scaled
}

/** Mirrors lines of interleaved RGB, left to right, in place. */
function mirror(pixels: Uint8Array, width: number): void {
  for (let line = 0; line < pixels.length; line += 3 * width) {
    for (let x = 0; x < width >> 1; x++) {
      const [here, there] = [line + 3 * x, line + 3 * (width - 1 - x)]
      for (let channel = 0; channel < 3; channel++) {
        const kept = pixels[here + channel]!
        pixels[here + channel] = pixels[there + channel]!
        pixels[there + channel] = kept
      }
    }
  }
}
