import type { Raster } from './fingerprint.ts'

const PARTS = 4

/**
 * Describes the colours of an image beside its fingerprint, which sees brightness alone: blue and red difference (Cb and Cr of BT.601,
 * 128 for grey) as means over 4 x 4 equal parts, row by row.
 * @param whole the whole image, at any size.
 * @returns 32 bytes as 64 lower-case hexadecimal digits.
 */
export function coloursOf({ pixels, width, height }: Raster): string {
  const sums = new Float64Array(PARTS * PARTS * 3)
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * PARTS) / height) * PARTS
    for (let column = 0; column < PARTS; column++) {
      addRun(
        sums,
        row + column,
        pixels,
        y * width + edge(column, width),
        y * width + edge(column + 1, width),
      )
    }
  }
  const colours = Buffer.alloc(PARTS * PARTS * 2)
  for (let part = 0; part < PARTS * PARTS; part++) {
    const rows = edge(Math.floor(part / PARTS) + 1, height) - edge(Math.floor(part / PARTS), height)
    const columns = edge((part % PARTS) + 1, width) - edge(part % PARTS, width)
    // An image of fewer than 4 pixels a side has parts without any.
    const count = Math.max(1, rows * columns)
    const [red, green, blue] = [0, 1, 2].map((band) => sums[part * 3 + band]! / count)
    const brightness = 0.299 * red! + 0.587 * green! + 0.114 * blue!
    colours[part * 2] = toByte(128 + 0.564 * (blue! - brightness))
    colours[part * 2 + 1] = toByte(128 + 0.713 * (red! - brightness))
  }
  return colours.toString('hex')
}

/** Gives the first pixel of a side that belongs to that part of 4. */
function edge(part: number, length: number): number {
  return Math.ceil((part * length) / PARTS)
}

/** Adds the bands of the pixels `from` to `to` to those of a part. */
function addRun(sums: Float64Array, part: number, pixels: Uint8Array, from: number, to: number) {
  let red = 0
  let green = 0
  let blue = 0
  for (let at = from * 3; at < to * 3; at += 3) {
    red += pixels[at]!
    green += pixels[at + 1]!
    blue += pixels[at + 2]!
  }
  sums[part * 3]! += red
  sums[part * 3 + 1]! += green
  sums[part * 3 + 2]! += blue
}

function toByte(value: number): number {
  return Math.min(255, Math.round(value))
}
