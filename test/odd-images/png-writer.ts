import { crc32, deflateSync } from 'node:zlib'

/** The kinds of colour of PNG, and the bands of each. */
export const PNG_KIND = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 } as const

export interface PngFile {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly kind: number
  /** Rows of packed samples, big-endian. */
  readonly samples: Uint8Array
  /** Chunks between the header and the pixels, in order. */
  readonly before?: readonly (readonly [string, Uint8Array])[]
  /** Chunks between the pixels and the end, in order. */
  readonly after?: readonly (readonly [string, Uint8Array])[]
}

/** Writes a PNG by hand: no filters, no interlacing. */
export function writePng({ width, height, bits, kind, samples, before, after }: PngFile): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([bits, kind, 0, 0, 0], 8)
  const chunks = [
    ...(before ?? []),
    ['IDAT', packedRows(samples, height)],
    ...(after ?? []),
  ] as const
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    ...chunks.map(([type, data]) => pngChunk(type, data)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/** Packs rows, each with the number of its filter (none) before it. */
export function packedRows(samples: Uint8Array, height: number): Buffer {
  const row = samples.length / height
  const rows = Buffer.alloc((row + 1) * height)
  for (let y = 0; y < height; y++)
    rows.set(samples.subarray(y * row, (y + 1) * row), y * (row + 1) + 1)
  return deflateSync(rows)
}

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

/** Wraps a profile for a chunk of its own. */
export function iccChunk(profile: Uint8Array): readonly [string, Uint8Array] {
  return ['iCCP', Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(profile)])]
}
