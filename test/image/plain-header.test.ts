import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { plainHeader } from '../../src/image/plain-header.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { ODD_IMAGES } from '../odd-images/all.ts'
import { encoder, picture, tagged } from '../support/images.ts'

const image = () => encoder(picture(37, 21))
const seeThrough = () => image().ensureAlpha(0.5)

/** What libvips says, in the words of a plain header. */
async function libvipsSays(file: Uint8Array) {
  const { width, height, hasAlpha, format, isProgressive, chromaSubsampling, ...rest } =
    await sharp(file).metadata()
  const { orientation = 1, pages = 1, depth } = rest
  const halved = chromaSubsampling === '4:2:0'
  const shape = { width, height, hasAlpha, format }
  return {
    ...shape,
    ...(format === 'jpeg' && { isProgressive, halved }),
    ...(format === 'png' && { isProgressive }),
    ...{ orientation, pages, depth },
  }
}

function plainly(file: Uint8Array) {
  const header = plainHeader(file)
  if (header === null) return null
  const { width, height, hasAlpha, format, isProgressive, chromaSubsampling } = header
  const halved = chromaSubsampling === '4:2:0'
  return {
    ...{ width, height, hasAlpha, format },
    ...(format === 'jpeg' && { isProgressive, halved }),
    ...(format === 'png' && { isProgressive }),
    ...{ orientation: 1, pages: 1, depth: 'uchar' },
  }
}

const ORDINARY = {
  JPEG: image().jpeg(),
  'progressive JPEG in full colour': image().jpeg({
    progressive: true,
    chromaSubsampling: '4:4:4',
  }),
  'grey JPEG': image().greyscale().jpeg(),
  'JPEG with EXIF data and a profile': image()
    .withExif({ IFD0: { Artist: 'me' } })
    .withIccProfile('p3')
    .jpeg(),
  PNG: image().png(),
  'interlaced PNG': image().png({ progressive: true }),
  'PNG of a palette': image().png({ palette: true }),
  'PNG with transparency': seeThrough().png(),
  'PNG of a palette with transparency': seeThrough().png({ palette: true }),
  'grey PNG': image().greyscale().toColourspace('b-w').png(),
  WebP: image().webp(),
  'lossless WebP': image().webp({ lossless: true }),
  'WebP with transparency': seeThrough().webp(),
  'lossless WebP with transparency': seeThrough().webp({ lossless: true }),
  'WebP with a profile': image().withIccProfile('p3').webp(),
}

for (const [name, make] of Object.entries(ORDINARY)) {
  test(`the header of a ${name} is read as libvips reads it`, async () => {
    const file = await make.toBuffer()
    assert.deepEqual(plainly(file), await libvipsSays(file))
  })
}

test('what is turned, animated, of 16 bits or in CMYK is left to libvips', async () => {
  const jpeg = await image().jpeg().toBuffer()
  for (const orientation of [0, 2, 3, 6, 8, 9]) {
    assert.equal(plainHeader(tagged(jpeg, orientation)), null, `orientation ${orientation}`)
  }
  assert.notEqual(plainHeader(tagged(jpeg, 1)), null)
  const others = [
    image()
      .withExif({ IFD0: { Artist: 'me' } })
      .webp(),
    image()
      .withExif({ IFD0: { Artist: 'me' } })
      .png(),
    image().toColourspace('rgb16').png(),
    image().toColourspace('cmyk').jpeg(),
    image().gif(),
    image().tiff(),
    image().avif({ effort: 0 }),
  ]
  for (const other of others) assert.equal(plainHeader(await other.toBuffer()), null)
})

test('EXIF data behind the frame of a JPEG is read too', async () => {
  const jpeg = await image().jpeg().toBuffer()
  for (const [orientation, isLeft] of [
    [6, true],
    [1, false],
  ] as const) {
    const before = tagged(jpeg, orientation)
    const exif = before.subarray(2, 2 + before.length - jpeg.length)
    const frameAt = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
    const behind = frameAt + 2 + jpeg.readUInt16BE(frameAt + 2)
    const file = Buffer.concat([jpeg.subarray(0, behind), exif, jpeg.subarray(behind)])
    const { orientation: said } = await sharp(file).metadata()
    assert.equal(said, orientation)
    assert.equal(plainHeader(file) === null, isLeft, `orientation ${orientation}`)
  }
})

test('of odd files a header is read as libvips reads it, or not at all', async () => {
  let read = 0
  for (const { name, make } of ODD_IMAGES) {
    const file = await make()
    const header = plainly(file)
    const said = await libvipsSays(file).catch(() => null)
    if (header === null || said === null) continue
    assert.deepEqual(header, said, name)
    read++
  }
  assert.ok(read > 10, `${read} headers were read`)
})

test('no file of any bytes makes the reading of a header fail', async () => {
  const seed = 16
  const random = seededRandom(seed)
  const tags = tagged(await image().jpeg().toBuffer(), 1)
  const files = [tags, ...(await Promise.all(Object.values(ORDINARY).map((one) => one.toBuffer())))]
  for (const file of files) {
    for (let i = 0; i < 300; i++) {
      const damaged = Uint8Array.from(file.subarray(0, Math.floor(random() * file.length)))
      for (let j = 0; j < 3; j++) {
        damaged[Math.floor(random() * Math.min(80, damaged.length))] = random() * 256
      }
      assert.doesNotThrow(() => plainHeader(damaged), `seed ${seed}, ${i}`)
    }
  }
})
