import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { pngChunk } from '../../test/support/images.ts'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')

/** Makes small files of 64 million pixels: what costs most of each byte sent. */
export async function costlyImages(): Promise<ReadonlyMap<string, Uint8Array>> {
  const flat = sharp({ create: { width: 8000, height: 8000, channels: 3, background: '#888' } })
  return new Map([
    ['AVIF of 8,000 x 8,000', await flat.clone().avif({ effort: 0 }).toBuffer()],
    [
      'progressive JPEG of 8,000 x 8,000',
      await flat.clone().jpeg({ progressive: true }).toBuffer(),
    ],
    ['PNG of 1 x 64,000,000', blackPng(1, 64_000_000)],
    ['PNG of 976 x 65,535', blackPng(976, 65_535)],
  ])
}

/** A black picture of a byte a pixel. */
function blackPng(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const rows = deflateSync(Buffer.alloc((width + 1) * height), { level: 9 })
  return Buffer.concat([
    SIGNATURE,
    pngChunk('IHDR', header),
    pngChunk('IDAT', rows),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}
