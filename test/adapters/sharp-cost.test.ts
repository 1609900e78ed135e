import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import sharp from 'sharp'
import { startDeadline } from '../../src/adapters/sharp-cost.ts'
import { decodeImage } from '../../src/adapters/sharp-decode.ts'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import type { Embedder } from '../../src/embedding/embedder.ts'
import { ImageEmbedder } from '../../src/embedding/image-embedder.ts'
import type { ImageDecoder } from '../../src/image/image-decoder.ts'
import { ImageScheduler } from '../../src/scheduling/image-scheduler.ts'
import { NEVER_STOPPED } from '../../src/threads/stop-flags.ts'
import { failsWith } from '../support/errors.ts'
import { forgedPng, tagged } from '../support/images.ts'

const decoder = createSharpImageDecoder()
after(() => decoder.close())
const spec = { width: 8, height: 8, resize: 'stretch', cropFraction: 1, kernel: 'linear' } as const
const MEBIBYTE = 1024 * 1024

function plain(width: number, height: number, channels: 3 | 4 = 3) {
  return sharp({ create: { width, height, channels, background: '#446688' } })
}

/** The bytes that decoding is said to take, for each pixel. */
async function bytesAPixel(file: Uint8Array, pixels: number): Promise<number> {
  let most = 0
  const take = (bytes: number) => {
    most = Math.max(most, bytes)
  }
  await decodeImage(file, spec, { maxPixels: 1e6, take, stop: NEVER_STOPPED })
  return most / pixels
}

// Each pair: the bytes a pixel of resident memory that decoding 36 million pixels took, rounded down.
for (const [what, measured, file] of [
  ['JPEG', 0, plain(100, 100).jpeg()],
  ['progressive JPEG', 3, plain(100, 100).jpeg({ progressive: true })],
  [
    'progressive JPEG in full colour',
    6,
    plain(100, 100).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  ],
  ['PNG', 1, plain(100, 100).png()],
  ['PNG with transparency', 1, plain(100, 100, 4).png()],
  ['interlaced PNG', 3, plain(100, 100).png({ progressive: true })],
  ['PNG of 16 bits', 3, plain(100, 100).toColourspace('rgb16').png()],
  ['WebP', 8, plain(100, 100).webp()],
  ['AVIF', 19, plain(100, 100).avif({ effort: 0 })],
  ['GIF', 5, plain(100, 100).gif()],
  ['TIFF', 1, plain(100, 100).tiff()],
] as const) {
  test(`the memory of a ${what} is not thought to be less than it is, nor four times that`, async () => {
    const told = await bytesAPixel(await file.toBuffer(), 10_000)
    assert.ok(told >= measured && told <= 4 * Math.max(1, measured), `${told} bytes a pixel`)
  })
}

test('turning an image takes memory for all its pixels', async () => {
  const file = await plain(100, 50).jpeg().toBuffer()
  const upright = await bytesAPixel(file, 5000)
  assert.ok((await bytesAPixel(tagged(file, 6), 5000)) >= upright + 3)
})

test('what the taker of memory throws comes before any pixel is decoded', async () => {
  const take = () => {
    throw new RangeError('no')
  }
  // The header is sound, and the pixels are not: decoding them would say so.
  const wanted = { maxPixels: 1e6, take, stop: NEVER_STOPPED }
  await assert.rejects(decodeImage(forgedPng(100, 100), spec, wanted), { message: 'no' })
  await assert.rejects(decoder.decode(forgedPng(8000, 7000), spec, { take }), { message: 'no' })
})

test('an image of one pixel by 65,535 is decoded', async () => {
  const file = await plain(1, 65_535).png().toBuffer()
  assert.equal((await decoder.decode(file, spec)).height, 65_535)
})

for (const [width, height] of [
  [1, 65_536],
  [65_536, 1],
  [1, 64_000_000],
] as const) {
  test(`an image of ${width} x ${height} pixels is refused by its header`, async () => {
    await assert.rejects(
      decoder.decode(forgedPng(width, height), spec),
      failsWith('TOO_MANY_PIXELS', new RegExp(`65535 pixels, got ${width} x ${height}`)),
    )
  })
}

test('all passes over one image share 30 seconds', () => {
  let now = 0
  const secondsLeft = startDeadline(() => now)
  assert.equal(secondsLeft(), 30)
  now = 29_500
  assert.equal(secondsLeft(), 1)
  now = 30_000
  assert.throws(secondsLeft, failsWith('UNDECODABLE_IMAGE', /30 seconds/))
})

test('16 AVIFs of 6 million pixels are decoded within the budget, and a small image before most of them', async () => {
  const scheduler = new ImageScheduler({ clock: () => 0, processors: 4 })
  const now = { bytes: 0, most: 0 }
  const counted: ImageDecoder = {
    async decode(bytes, wanted, options) {
      let own = 0
      const take = (needed: number) => {
        options?.take?.(needed)
        own += needed
        now.bytes += needed
        now.most = Math.max(now.most, now.bytes)
      }
      try {
        return await decoder.decode(bytes, wanted, { ...options, take })
      } finally {
        now.bytes -= own
      }
    },
  }
  const embedder = {
    preprocess: spec,
    embed: async () => Float32Array.of(1),
  } as unknown as Embedder
  const images = new ImageEmbedder({ decoder: counted, scheduler, clock: () => 0 })
  const huge = await plain(2400, 2400).avif({ effort: 0 }).toBuffer()
  const small = await plain(32, 32).png().toBuffer()
  const order: string[] = []
  const search = async (file: Uint8Array, name: string) => {
    await images.embed(file, embedder, { priority: 'search' })
    order.push(name)
  }
  const all = Array.from({ length: 16 }, () => search(huge, 'huge'))
  await Promise.all([...all, search(small, 'small')])
  assert.ok(order.indexOf('small') < 8, order.join(' '))
  // 115 MB each: three at a time on four processors, beside small ones.
  assert.ok(now.most > 300e6 && now.most <= 512 * MEBIBYTE, `${now.most} bytes at once`)
})
