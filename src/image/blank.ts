import type { Raster } from './fingerprint.ts'

/** The most by which values of one band differ where nothing is shown: lossy formats leave as much in an even area. */
const EVEN = 6

/** Tells whether a picture is of one colour, as the first frame of a film that fades in, or an empty page. */
export function isBlank({ pixels }: Raster): boolean {
  const [red, green, blue] = pixels
  for (let at = 0; at < pixels.length; at += 3) {
    if (Math.abs(pixels[at]! - red!) > EVEN) return false
    if (Math.abs(pixels[at + 1]! - green!) > EVEN) return false
    if (Math.abs(pixels[at + 2]! - blue!) > EVEN) return false
  }
  return true
}
