import { FAINT, HIDDEN, type Palette, partsOf } from './colours.ts'
import type { Size, View } from './view.ts'

/** What is drawn. */
export interface Cloud {
  readonly points: Float32Array
  readonly classes: Uint8Array
  readonly palette: Palette
}

/**
 * Makes a painter of points that sets pixels by itself: as quick without a graphics card as with one, and the same picture everywhere
 * (docs/adr/0011-the-map-by-pixels.md).
 */
export function createPainter(canvas: HTMLCanvasElement): (cloud: Cloud, view: View) => void {
  const context = canvas.getContext('2d')!
  let image = new ImageData(1, 1)
  let pixels = new Uint32Array(image.data.buffer)
  return ({ points, classes, palette }, view) => {
    const { width, height } = canvas
    if (width === 0 || height === 0) return
    if (image.width !== width || image.height !== height) {
      image = new ImageData(width, height)
      pixels = new Uint32Array(image.data.buffer)
    }
    pixels.fill(0)
    const colours = Uint32Array.from(palette, packed)
    const radius = radiusOf(classes.length, canvas)
    // Points that stand back are behind all others.
    if (classes.includes(FAINT)) {
      paint(pixels, canvas, points, classes, view, radius, (one) => one === FAINT, colours)
    }
    paint(pixels, canvas, points, classes, view, radius, (one) => one !== FAINT, colours)
    context.putImageData(image, 0, 0)
  }
}

function paint(
  pixels: Uint32Array,
  { width, height }: Size,
  points: Float32Array,
  classes: Uint8Array,
  { x: middleX, y: middleY, scale }: View,
  radius: number,
  takes: (pointClass: number) => boolean,
  colours: Uint32Array,
): void {
  const reach = Math.floor(radius)
  const halves = Int32Array.from({ length: 2 * reach + 1 }, (_, row) => {
    return Math.floor(Math.sqrt(radius ** 2 - (row - reach) ** 2))
  })
  const taken = Uint8Array.from({ length: 256 }, (_, one) => Number(one !== HIDDEN && takes(one)))
  const [fromX, fromY] = [width / 2 - middleX * scale, height / 2 + middleY * scale]
  for (let i = 0; i < classes.length; i++) {
    const own = classes[i]!
    if (taken[own] === 0) continue
    const x = Math.round(points[2 * i]! * scale + fromX)
    const y = Math.round(fromY - points[2 * i + 1]! * scale)
    if (x < -reach || y < -reach || x >= width + reach || y >= height + reach) continue
    const colour = colours[own]!
    for (let row = 0; row < halves.length; row++) {
      const line = y + row - reach
      if (line < 0 || line >= height) continue
      const half = halves[row]!
      const end = line * width + Math.min(width - 1, x + half)
      for (let at = line * width + Math.max(0, x - half); at <= end; at++) pixels[at] = colour
    }
  }
}

/** Fewer points are larger. In pixels of the picture, of which a screen may have several for each of the page. */
function radiusOf(count: number, { width, clientWidth }: HTMLCanvasElement): number {
  const ratio = clientWidth === 0 ? 1 : width / clientWidth
  const radius = count > 20_000 ? 1.5 : count > 2000 ? 2.5 : 4.5
  return radius * ratio
}

/** A colour as `ImageData` has it, read as one number; computers of today are little-endian. */
function packed(colour: string): number {
  const [red, green, blue] = partsOf(colour) as [number, number, number]
  return (255 << 24) | (blue << 16) | (green << 8) | red
}
