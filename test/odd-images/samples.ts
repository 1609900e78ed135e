import { type Picture, picture } from '../support/images.ts'

export const WIDTH = 48
export const HEIGHT = 32

/** What the odd images show: two ramps and a dark block, 48 x 32. */
export const SHOWN: Picture = picture(WIDTH, HEIGHT)

/** Gives each pixel of the picture, with its place. */
function* pixels(): Generator<{ rgb: readonly number[]; x: number; y: number }> {
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const rgb = [...SHOWN.pixels.subarray(i * 3, i * 3 + 3)]
    yield { rgb, x: i % WIDTH, y: Math.floor(i / WIDTH) }
  }
}

type Bands = (rgb: readonly number[], x: number, y: number) => readonly number[]

/** Makes the samples of 8 bits that `bands` gives for each pixel. */
export function samples8(bands: Bands = (rgb) => rgb): Uint8Array {
  return Uint8Array.from([...pixels()].flatMap(({ rgb, x, y }) => bands(rgb, x, y)))
}

/** Makes samples of 16 bits of values from 0 to 255, which become 0 to 65535. */
export function samples16(bands: Bands = (rgb) => rgb, bigEndian = false): Uint8Array {
  return asNumbers(bands, 2, (buffer, value, at) => {
    if (bigEndian) buffer.writeUInt16BE(value * 257, at)
    else buffer.writeUInt16LE(value * 257, at)
  })
}

/** Makes samples of any kind, little-endian: `write` puts one value in its place. */
export function asNumbers(
  bands: Bands,
  bytes: number,
  write: (buffer: Buffer, value: number, at: number) => void,
): Uint8Array {
  const values = samples8(bands)
  const buffer = Buffer.alloc(values.length * bytes)
  for (const [i, value] of values.entries()) write(buffer, value, i * bytes)
  return buffer
}

/** Makes rows of samples of 1, 2 or 4 bits, each row padded to whole bytes. `value` is within that many bits. */
export function packedSamples(
  bits: number,
  value: (rgb: readonly number[], x: number, y: number) => number,
): Uint8Array {
  const row = Math.ceil((WIDTH * bits) / 8)
  const packed = new Uint8Array(row * HEIGHT)
  for (const { rgb, x, y } of pixels()) {
    const at = x * bits
    packed[y * row + (at >> 3)]! |= value(rgb, x, y) << (8 - bits - (at & 7))
  }
  return packed
}

export function grey(rgb: readonly number[]): number {
  return Math.round(0.299 * rgb[0]! + 0.587 * rgb[1]! + 0.114 * rgb[2]!)
}

/** The number of the nearest colour of `palette()`: 6 x 6 x 6 colours. */
export function nearest(rgb: readonly number[]): number {
  const [red, green, blue] = rgb.map((value) => Math.round(value / 51))
  return red! * 36 + green! * 6 + blue!
}

/** 256 colours, 3 bytes each: a cube of 6 x 6 x 6, then black. */
export function palette(): Uint8Array {
  const colours = new Uint8Array(768)
  for (let i = 0; i < 216; i++) {
    colours.set([Math.floor(i / 36) * 51, (Math.floor(i / 6) % 6) * 51, (i % 6) * 51], i * 3)
  }
  return colours
}

/** An alpha that fades from left to right. */
export function fade(x: number): number {
  return Math.round(255 * (1 - x / WIDTH))
}
