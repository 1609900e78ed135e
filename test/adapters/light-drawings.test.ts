import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import sharp from 'sharp'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import { differentBits } from '../support/different-bits.ts'
import { encoder, picture } from '../support/images.ts'

const SIDE = 96
const decoder = createSharpImageDecoder()
after(() => decoder.close())
const spec = {
  width: 64,
  height: 64,
  resize: 'stretch',
  cropFraction: 1,
  kernel: 'linear',
} as const

/** A drawing in one colour on transparency; `inside` says where it is. */
function drawing(
  colour: readonly number[],
  inside: (x: number, y: number) => boolean,
  side = SIDE,
) {
  const pixels = new Uint8Array(side * side * 4)
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [(i % side) / side, Math.floor(i / side) / side]
    if (inside(x, y)) pixels.set([...colour, 255], i * 4)
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 4 } })
    .png()
    .toBuffer()
}

const isCross = (x: number, y: number) => Math.abs(x - 0.5) < 0.1 || Math.abs(y - 0.5) < 0.1
const isRing = (x: number, y: number) => Math.abs(Math.hypot(x - 0.5, y - 0.5) - 0.3) < 0.08
const WHITE = [255, 255, 255]

async function decode(bytes: Uint8Array) {
  return await decoder.decode(bytes, spec, { thumbnail: true, fingerprint: true })
}

test('white drawings on transparency are told apart, in pixels, thumbnail and fingerprint', async () => {
  for (const side of [SIDE, 40]) {
    const cross = await decode(await drawing(WHITE, isCross, side))
    const ring = await decode(await drawing(WHITE, isRing, side))
    const middle = (32 * 64 + 32) * 3
    assert.deepEqual([...cross.pixels.subarray(middle, middle + 3)], WHITE)
    assert.deepEqual([...ring.pixels.subarray(middle, middle + 3)], [0, 0, 0])
    assert.ok(differentBits(cross.fingerprint!, ring.fingerprint!) > 8)
    const corner = await sharp(cross.thumbnail!.bytes).raw().toBuffer()
    assert.ok(corner[0]! < 5, `the corner of the thumbnail is ${corner[0]}`)
  }
})

test('a drawing that white does not hide stays on white', async () => {
  for (const colour of [
    [0, 0, 0],
    [250, 220, 40],
    [200, 200, 200],
  ]) {
    const { pixels } = await decode(await drawing(colour, isCross))
    assert.deepEqual([...pixels.subarray(0, 3)], WHITE, `${colour}`)
  }
})

test('an opaque picture that is as light as white keeps its pixels, with or without a band of alpha', async () => {
  const upright = picture(SIDE, SIDE)
  const light = { ...upright, pixels: upright.pixels.map((value) => 250 + (value % 6)) }
  const without = await decode(await encoder(light).png().toBuffer())
  const opaque = await decode(await encoder(light).ensureAlpha().png().toBuffer())
  assert.deepEqual(Buffer.from(opaque.pixels), Buffer.from(without.pixels))
})

test('a picture of which nothing shows is white', async () => {
  const { pixels } = await decode(await drawing(WHITE, () => false))
  assert.ok(pixels.every((value) => value === 255))
})
