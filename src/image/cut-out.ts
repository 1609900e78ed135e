import type { Raster } from './fingerprint.ts'
import type { Box } from './resize-plan.ts'

/** A copy of the part of a raster inside a box of whole pixels. */
export function cutOut({ pixels, width }: Raster, box: Box): Uint8Array {
  const part = new Uint8Array(box.width * box.height * 3)
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * width + box.left) * 3
    part.set(pixels.subarray(from, from + box.width * 3), y * box.width * 3)
  }
  return part
}
