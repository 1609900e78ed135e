import { readFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'

/** Raw 8-bit RGB, interleaved. */
export interface Picture {
  readonly pixels: Uint8Array
  readonly width: number
  readonly height: number
}

/** A picture without any symmetry: two ramps, and a dark block towards the upper left. */
export function picture(width: number, height: number): Picture {
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const block = x > width / 5 && x < width / 2 && y > height / 6 && y < height / 3
      const at = (y * width + x) * 3
      pixels[at] = block ? 20 : Math.round(40 + (200 * x) / width)
      pixels[at + 1] = block ? 30 : Math.round(40 + (200 * y) / height)
      pixels[at + 2] = block ? 90 : 120
    }
  }
  return { pixels, width, height }
}

/** A picture on its way into a file: `.jpeg().toBuffer()` and the like. */
export function encoder({ pixels, width, height }: Picture): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

/** A drawing with transparency, 64 x 64. `code` as in its file name: `1f34e` is an apple. */
export function emoji(vendor: 'google' | 'twitter', code: string): Buffer {
  return readFileSync(`node_modules/emoji-datasource-${vendor}/img/${vendor}/64/${code}.png`)
}

/** A film whose first frame is red and whose second is blue. */
export async function animated(format: 'gif' | 'webp'): Promise<Buffer> {
  const frames = await Promise.all(
    ['#ff0000', '#0000ff'].map((background) =>
      sharp({ create: { width: 48, height: 32, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  )
  const film = sharp(frames, { join: { animated: true } })
  return format === 'gif' ? film.gif().toBuffer() : film.webp({ lossless: true }).toBuffer()
}

/** A sound PNG header for an image of that size, and next to no pixels. */
export function forgedPng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(100))),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/**
 * The picture as a camera stores it that was held in this orientation, by the definition of EXIF:
 * where the 0th row and the 0th column of the stored image lie in the upright one.
 */
export function turnedAway(upright: Picture, orientation: number): Picture {
  const { width, height, pixels } = upright
  const [right, bottom] = [width - 1, height - 1]
  const rowAndColumn: Record<number, (r: number, c: number) => readonly [number, number]> = {
    2: (r, c) => [r, right - c],
    3: (r, c) => [bottom - r, right - c],
    4: (r, c) => [bottom - r, c],
    5: (r, c) => [c, r],
    6: (r, c) => [c, right - r],
    7: (r, c) => [bottom - c, right - r],
    8: (r, c) => [bottom - c, r],
  }
  const from = rowAndColumn[orientation] ?? ((r, c) => [r, c])
  const swapped = orientation >= 5 && orientation <= 8
  const stored = { width: swapped ? height : width, height: swapped ? width : height }
  const turned = new Uint8Array(pixels.length)
  for (let r = 0; r < stored.height; r++) {
    for (let c = 0; c < stored.width; c++) {
      const [row, column] = from(r, c)
      const at = (row * width + column) * 3
      turned.set(pixels.subarray(at, at + 3), (r * stored.width + c) * 3)
    }
  }
  return { ...stored, pixels: turned }
}

/** The file with an EXIF orientation of any number, also one that no camera writes. */
export function tagged(file: Uint8Array, orientation: number): Buffer {
  const exif = Buffer.from('49492a00080000000100120103000100000000000000000000000000', 'hex')
  exif.writeUInt16LE(orientation, 18)
  if (file[0] === 0xff) {
    const segment = Buffer.from([0xff, 0xe1, 0, exif.length + 8])
    const body = Buffer.concat([Buffer.from('Exif\0\0'), exif])
    return Buffer.concat([file.subarray(0, 2), segment, body, file.subarray(2)])
  }
  const afterHeader = 8 + 25
  return Buffer.concat([
    file.subarray(0, afterHeader),
    pngChunk('eXIf', exif),
    file.subarray(afterHeader),
  ])
}

/** The first part of a file, as an upload that broke off. */
export function truncated(file: Uint8Array, share = 0.5): Uint8Array {
  return file.subarray(0, Math.floor(file.length * share))
}

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
