import type { Raster } from './fingerprint.ts'

/** The mean darkness (255 for black) up to which what a drawing shows counts as being as light as white. */
const LIGHT = 16

/** Tells whether a picture that was composed on white may be a light drawing: it is nearly white on the whole. */
export function looksLight(onWhite: Raster): boolean {
  return isLight(onWhite, onWhite.width * onWhite.height)
}

/**
 * Tells whether white hides what a transparent picture shows: its visible parts are as light as white, on average. How far each pixel
 * is visible follows from the two compositions, which differ by 255 where it is transparent.
 */
export function vanishesOnWhite(onWhite: Raster, onBlack: Raster): boolean {
  let visible = 0
  for (let at = 0; at < onWhite.pixels.length; at += 3) {
    visible += 1 - (onWhite.pixels[at]! - onBlack.pixels[at]!) / 255
  }
  return visible > 0 && isLight(onWhite, visible)
}

/** Tells whether the darkness of all pixels, each the mean of its bands, is that of so many light ones at most. */
function isLight({ pixels }: Raster, visible: number): boolean {
  const most = 3 * LIGHT * visible
  let sum = 0
  for (let i = 0; i < pixels.length && sum <= most; i++) sum += 255 - pixels[i]!
  return sum <= most
}
