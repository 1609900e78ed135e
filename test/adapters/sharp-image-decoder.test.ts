import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import sharp from 'sharp'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import { fingerprintOf } from '../../src/image/fingerprint.ts'
import type { PreprocessSpec } from '../../src/image/image-decoder.ts'
import { ODD_IMAGES } from '../odd-images/all.ts'
import { iccChunk, PNG_KIND, writePng } from '../odd-images/png-writer.ts'
import { differentBits } from '../support/different-bits.ts'
import { failsWith } from '../support/errors.ts'
import {
  animated,
  emoji,
  encoder,
  forgedPng,
  picture,
  tagged,
  truncated,
  turnedAway,
} from '../support/images.ts'

const decoder = createSharpImageDecoder()
after(() => decoder.close())
const whole: PreprocessSpec = {
  width: 32,
  height: 32,
  resize: 'stretch',
  cropFraction: 1,
  kernel: 'linear',
}
const cropped: PreprocessSpec = {
  width: 224,
  height: 224,
  resize: 'centre-crop',
  cropFraction: 0.875,
  kernel: 'cubic',
}

function pixelsOf(bytes: Uint8Array, spec = whole) {
  return decoder.decode(bytes, spec).then(({ pixels }) => pixels)
}

/** Mean difference of 8-bit values. */
function difference(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length)
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length
}

test('each format decodes to the picture that was encoded', async () => {
  const shown = picture(96, 64)
  const image = encoder(shown)
  const expected = await pixelsOf(await image.clone().png().toBuffer())
  const files: [string, Promise<Buffer>, number][] = [
    ['image/jpeg', image.clone().jpeg({ quality: 95 }).toBuffer(), 3],
    ['image/jpeg', image.clone().jpeg({ quality: 95, progressive: true }).toBuffer(), 3],
    ['image/webp', image.clone().webp({ lossless: true }).toBuffer(), 1],
    ['image/avif', image.clone().avif({ quality: 90 }).toBuffer(), 4],
    ['image/tiff', image.clone().tiff({ compression: 'lzw' }).toBuffer(), 1],
    ['image/gif', image.clone().gif().toBuffer(), 8],
    ['image/png', image.clone().png({ palette: true }).toBuffer(), 8],
    ['image/png', image.clone().toColourspace('rgb16').png().toBuffer(), 1],
  ]
  for (const [mediaType, file, tolerance] of files) {
    const decoded = await decoder.decode(await file, whole)
    assert.equal(decoded.mediaType, mediaType)
    assert.deepEqual([decoded.width, decoded.height], [96, 64])
    const off = difference(decoded.pixels, expected)
    assert.ok(off <= tolerance, `${mediaType}: differs by ${off} on average`)
  }
})

test('the 16-bit file of that test has 16 bits', async () => {
  const file = await encoder(picture(96, 64)).toColourspace('rgb16').png().toBuffer()
  assert.equal((await sharp(file).metadata()).depth, 'ushort')
})

test('grey becomes three equal channels', async () => {
  const grey = encoder(picture(64, 64)).greyscale()
  for (const file of [
    await grey.clone().toColourspace('b-w').png().toBuffer(),
    await grey.clone().toColourspace('b-w').jpeg().toBuffer(),
    await grey.clone().toColourspace('grey16').png().toBuffer(),
  ]) {
    assert.equal((await sharp(file).metadata()).channels, 1)
    const pixels = await pixelsOf(file)
    assert.equal(pixels.length, 32 * 32 * 3)
    for (let i = 0; i < pixels.length; i += 3) {
      assert.deepEqual([pixels[i + 1], pixels[i + 2]], [pixels[i], pixels[i]])
    }
    assert.ok(new Set(pixels).size > 20, 'the ramp is still there')
  }
})

test('a CMYK JPEG comes out in its colours', async () => {
  const file = await encoder(picture(96, 64)).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()
  assert.equal((await sharp(file).metadata()).space, 'cmyk')
  const off = difference(
    await pixelsOf(file),
    await pixelsOf(await encoder(picture(96, 64)).png().toBuffer()),
  )
  assert.ok(off < 12, `differs by ${off} on average`)
})

test('transparency is composed on white', async () => {
  const drawing = emoji('google', '1f34e')
  const spec = { ...whole, width: 64, height: 64 }
  const raw = await sharp(drawing).raw().toBuffer()
  const expected = new Uint8Array(64 * 64 * 3)
  for (let i = 0; i < 64 * 64; i++) {
    const alpha = raw[i * 4 + 3]! / 255
    for (let c = 0; c < 3; c++) {
      expected[i * 3 + c] = Math.round(raw[i * 4 + c]! * alpha + 255 * (1 - alpha))
    }
  }
  const pixels = await pixelsOf(drawing, spec)
  assert.deepEqual([...pixels.subarray(0, 3)], [255, 255, 255])
  assert.ok(pixels.every((value, i) => Math.abs(value - expected[i]!) <= 1))
})

test('of a film the first frame is taken', async () => {
  for (const format of ['gif', 'webp'] as const) {
    const film = await animated(format)
    assert.equal((await sharp(film).metadata()).pages, 2)
    const decoded = await decoder.decode(film, whole)
    assert.deepEqual([decoded.width, decoded.height], [48, 32])
    assert.deepEqual([...decoded.pixels.subarray(0, 3)], [255, 0, 0])
  }
})

test('orientations 1 to 8 give the pixels of the upright image, 0 and 9 are none', async () => {
  // At 256 x 256 nothing is scaled before the crop, so that the pixels must be the very same.
  const upright = picture(256, 256)
  const expected = await pixelsOf(await encoder(upright).png().toBuffer(), cropped)
  for (let orientation = 0; orientation <= 9; orientation++) {
    const stored = await encoder(turnedAway(upright, orientation)).png().toBuffer()
    const pixels = await pixelsOf(tagged(stored, orientation), cropped)
    assert.deepEqual(Buffer.from(pixels), Buffer.from(expected), `orientation ${orientation}`)
  }
})

test('a turned photo of any shape is that photo, also where it shrinks or is cut', async () => {
  for (const [width, height] of [
    [1200, 500],
    [90, 60],
    [12_000, 40],
  ] as const) {
    const upright = picture(width, height)
    const expected = await pixelsOf(await encoder(upright).png().toBuffer(), cropped)
    for (let orientation = 0; orientation <= 9; orientation++) {
      const stored = await encoder(turnedAway(upright, orientation))
        .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
        .toBuffer()
      const decoded = await decoder.decode(tagged(stored, orientation), cropped)
      assert.deepEqual([decoded.width, decoded.height], [width, height])
      const off = difference(decoded.pixels, expected)
      assert.ok(off < 3, `${width} x ${height}, orientation ${orientation}: differs by ${off}`)
    }
  }
})

test('a large JPEG, which shrinks while it loads, gives the pixels of its PNG', async () => {
  const large = await encoder(picture(3000, 2000)).jpeg({ quality: 95 }).toBuffer()
  const lossless = await sharp(large).png({ compressionLevel: 1 }).toBuffer()
  const off = difference(await pixelsOf(large, cropped), await pixelsOf(lossless, cropped))
  assert.ok(off < 1, `differs by ${off} on average`)
})

test('one pixel is enough', async () => {
  const file = await encoder({ pixels: Uint8Array.of(10, 20, 30), width: 1, height: 1 })
    .png()
    .toBuffer()
  for (const spec of [whole, cropped]) {
    const pixels = await pixelsOf(file, spec)
    assert.equal(pixels.length, spec.width * spec.height * 3)
    assert.ok(pixels.every((value, i) => value === [10, 20, 30][i % 3]))
  }
})

test('images that are one pixel wide or high are cut and scaled', async () => {
  for (const [width, height] of [
    [1, 5000],
    [5000, 1],
    [20_000, 3],
  ] as const) {
    const file = await encoder(picture(width, height)).png().toBuffer()
    for (const spec of [whole, cropped]) {
      assert.equal((await pixelsOf(file, spec)).length, spec.width * spec.height * 3)
    }
  }
})

test('a header of 30000 x 30000 is refused before anything is decoded, with the numbers', async () => {
  await assert.rejects(
    pixelsOf(forgedPng(30_000, 30_000)),
    failsWith('TOO_MANY_PIXELS', '30000 x 30000', '900000000', '64000000'),
  )
})

test('the limit of pixels is inclusive', async (t) => {
  const file = await encoder(picture(20, 10)).jpeg().toBuffer()
  const exact = createSharpImageDecoder({ maxPixels: 200 })
  t.after(() => exact.close())
  assert.equal((await exact.decode(file, whole)).width, 20)
  const less = createSharpImageDecoder({ maxPixels: 199 })
  await assert.rejects(less.decode(file, whole), failsWith('TOO_MANY_PIXELS', '200', '199'))
})

test('files that broke off are refused in every format', async () => {
  const image = encoder(picture(200, 200))
  const files = {
    jpeg: await image.clone().jpeg().toBuffer(),
    png: await image.clone().png().toBuffer(),
    webp: await image.clone().webp().toBuffer(),
    avif: await image.clone().avif().toBuffer(),
    gif: await image.clone().gif().toBuffer(),
    tiff: await image.clone().tiff().toBuffer(),
  }
  for (const [format, file] of Object.entries(files)) {
    const refused = failsWith('UNDECODABLE_IMAGE')
    await assert.rejects(pixelsOf(truncated(file)), refused, format)
    await assert.rejects(pixelsOf(truncated(file, 24 / file.length)), refused, format)
  }
})

test('what is no image is refused, also SVG and PDF that libvips might read', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
  for (const text of ['', svg, `<?xml version="1.0"?>${svg}`, '%PDF-1.7\n', 'hello, image']) {
    await assert.rejects(pixelsOf(Buffer.from(text)), failsWith('NOT_AN_IMAGE'), text)
  }
})

test('a format inside that its signature does not promise is not read', async () => {
  const start = Buffer.from([0xff, 0xd8, 0xff])
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
  await assert.rejects(pixelsOf(Buffer.concat([start, svg])), failsWith('UNDECODABLE_IMAGE'))
  await assert.rejects(sharp(svg).metadata(), /unsupported image format/)
})

test('what is cut after the reduction is what libvips cuts', async () => {
  for (const [width, height] of [
    [640, 480],
    [301, 777],
    [257, 259],
    [1001, 256],
  ] as const) {
    const file = await encoder(picture(width, height)).png().toBuffer()
    const expected = await sharp(file)
      .resize({ width: 256, height: 256, fit: 'cover', kernel: 'cubic' })
      .extract({ left: 16, top: 16, width: 224, height: 224 })
      .raw()
      .toBuffer()
    const pixels = await pixelsOf(file, cropped)
    assert.deepEqual(Buffer.from(pixels), expected, `${width} x ${height}`)
  }
})

test('a thumbnail made beside a crop shows the whole image, and leaves the crop as it is', async () => {
  const upright = picture(900, 600)
  const file = await encoder(upright).png().toBuffer()
  const { pixels, thumbnail } = await decoder.decode(file, cropped, { thumbnail: true })
  assert.deepEqual(Buffer.from(pixels), Buffer.from(await pixelsOf(file, cropped)))
  const expected = await sharp(file).resize({ width: 256, height: 171 }).raw().toBuffer()
  const shown = await sharp(thumbnail!.bytes).raw().toBuffer({ resolveWithObject: true })
  assert.deepEqual([shown.info.width, shown.info.height], [256, 171])
  const off = difference(shown.data, expected)
  assert.ok(off < 3, `differs by ${off} on average`)
})

test('a thumbnail is a JPEG of at most 256 pixels a side, upright and on white', async () => {
  const stored = await encoder(turnedAway(picture(600, 300), 6))
    .jpeg()
    .toBuffer()
  const { thumbnail } = await decoder.decode(tagged(stored, 6), whole, { thumbnail: true })
  const { format, width, height } = await sharp(thumbnail!.bytes).metadata()
  assert.equal(thumbnail!.mediaType, 'image/jpeg')
  assert.deepEqual([format, width, height], ['jpeg', 256, 128])

  const small = await decoder.decode(emoji('twitter', '1f436'), whole, { thumbnail: true })
  const shown = await sharp(small.thumbnail!.bytes).raw().toBuffer({ resolveWithObject: true })
  assert.deepEqual([shown.info.width, shown.info.height, shown.info.channels], [64, 64, 3])
  assert.ok(shown.data[0]! > 250, 'the corner is white')
})

test('the fingerprint shows the whole upright image, whatever the model sees of it', async () => {
  for (const [width, height] of [
    [1200, 500],
    [90, 60],
    [12_000, 40],
  ] as const) {
    const upright = picture(width, height)
    const expected = fingerprintOf(upright)
    for (const orientation of [1, 3, 6, 8]) {
      const stored = await encoder(turnedAway(upright, orientation)).png().toBuffer()
      const file = tagged(stored, orientation)
      for (const spec of [whole, cropped]) {
        const decoded = await decoder.decode(file, spec, { fingerprint: true })
        const bits = differentBits(decoded.fingerprint!, expected)
        assert.ok(bits <= 2, `${width} x ${height}, orientation ${orientation}: ${bits} bits`)
      }
    }
  }
})

test('no fingerprint is made unless asked for', async () => {
  const file = await encoder(picture(64, 64)).png().toBuffer()
  assert.equal((await decoder.decode(file, whole)).fingerprint, null)
})

test('a decoding whose caller has given up ends', async () => {
  const file = await encoder(picture(64, 64)).png().toBuffer()
  const before = { signal: AbortSignal.abort() }
  await assert.rejects(decoder.decode(file, whole, before), failsWith('CANCELLED'))
  const controller = new AbortController()
  const during = decoder.decode(file, whole, { signal: controller.signal })
  controller.abort()
  await assert.rejects(during, failsWith('CANCELLED'))
})

test('16 bits with a profile give the thumbnail and the fingerprint of 8 bits', async () => {
  const icc = (
    await sharp(await encoder(picture(9, 9)).withIccProfile('p3').png().toBuffer()).metadata()
  ).icc!
  const shown = picture(300, 200)
  const rgb = { width: 300, height: 200, kind: PNG_KIND.rgb, before: [iccChunk(icc)] }
  const eight = writePng({ ...rgb, bits: 8, samples: shown.pixels })
  const deep = Buffer.from([...shown.pixels].flatMap((value) => [value, value]))
  const sixteen = writePng({ ...rgb, bits: 16, samples: deep })
  const wanted = await decoder.decode(eight, cropped, { thumbnail: true, fingerprint: true })
  for (const spec of [cropped, whole]) {
    const got = await decoder.decode(sixteen, spec, { thumbnail: true, fingerprint: true })
    const thumbnail = await sharp(got.thumbnail!.bytes).raw().toBuffer()
    const off = difference(thumbnail, await sharp(wanted.thumbnail!.bytes).raw().toBuffer())
    assert.ok(off < 1, `the thumbnail differs by ${off} on average`)
    assert.ok(differentBits(got.fingerprint!, wanted.fingerprint!) <= 1)
  }
  assert.ok(difference(await pixelsOf(sixteen, cropped), wanted.pixels) < 1)
})

test('decoding leaves the bytes of the caller as they are', async () => {
  for (const { name, make } of ODD_IMAGES) {
    const bytes = Buffer.from(await make())
    const before = Buffer.from(bytes)
    await decoder.decode(bytes, whole).catch(() => undefined)
    assert.ok(bytes.equals(before), name)
  }
})
