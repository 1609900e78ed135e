import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { forgedPng, truncated } from '../../test/support/images.ts'

export interface SentImage {
  readonly name: string
  readonly bytes: Uint8Array
  /** The error code that it is refused with; null for a sound image. */
  readonly code: string | null
}

/** Makes the images that a service has to cope with. The last two are sound, but expensive or unusual. */
export async function hostileImages(sound: Buffer): Promise<readonly SentImage[]> {
  const flat = (side: number) =>
    sharp({ create: { width: side, height: side, channels: 3, background: '#888' } })
      .png()
      .toBuffer()
  const header = Buffer.from('89504e470d0a1a0a', 'hex')
  const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251))
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')
  return [
    { name: 'text', bytes: Buffer.from('hello, image'), code: 'NOT_AN_IMAGE' },
    { name: 'SVG', bytes: svg, code: 'NOT_AN_IMAGE' },
    { name: 'deflated', bytes: deflateSync(noise), code: 'NOT_AN_IMAGE' },
    { name: 'JPEG cut off', bytes: truncated(sound), code: 'UNDECODABLE_IMAGE' },
    { name: 'PNG of noise', bytes: Buffer.concat([header, noise]), code: 'UNDECODABLE_IMAGE' },
    { name: 'pixel bomb', bytes: forgedPng(30_000, 30_000), code: 'TOO_MANY_PIXELS' },
    { name: '36 million pixels', bytes: await flat(6000), code: null },
    { name: 'one pixel', bytes: await flat(1), code: null },
  ]
}
