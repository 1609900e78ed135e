import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import sharp from 'sharp'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import { walkImages } from '../../src/adapters/walk-images.ts'
import { fingerprintOf, isPlainFingerprint, type Raster } from '../../src/image/fingerprint.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { differentBits } from '../support/different-bits.ts'
import { picture } from '../support/images.ts'

const spec = {
  width: 224,
  height: 224,
  resize: 'centre-crop',
  cropFraction: 0.875,
  kernel: 'cubic',
} as const

/** Follows the definition: each pixel is cut into parts that fit 32 x 32 evenly, and the transform as one sum of four loops. */
function byDefinition({ pixels, width, height }: Raster): string {
  const luma = new Array<number>(1024).fill(0)
  for (let y = 0; y < height * 32; y++) {
    for (let x = 0; x < width * 32; x++) {
      const at = (Math.floor(y / 32) * width + Math.floor(x / 32)) * 3
      const value = 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!
      luma[Math.floor(y / height) * 32 + Math.floor(x / width)]! += value / (width * height)
    }
  }
  const coefficients: number[] = []
  for (let u = 0; u < 8; u++) {
    for (let v = 0; v < 8; v++) {
      let sum = 0
      for (let y = 0; y < 32; y++) {
        for (let x = 0; x < 32; x++) {
          const wave =
            Math.cos((Math.PI * u * (y + 0.5)) / 32) * Math.cos((Math.PI * v * (x + 0.5)) / 32)
          sum += luma[y * 32 + x]! * wave
        }
      }
      const flat = (u === 0 ? Math.SQRT1_2 : 1) * (v === 0 ? Math.SQRT1_2 : 1)
      coefficients.push(Math.abs(sum * flat) < 256 ? 0 : sum * flat)
    }
  }
  const sorted = coefficients.toSorted((a, b) => a - b)
  const median = (sorted[31]! + sorted[32]!) / 2
  return coefficients
    .map((value) => (value > median ? '1' : '0'))
    .join('')
    .replaceAll(/.{4}/g, (bits) => Number.parseInt(bits, 2).toString(16))
}

function randomRaster(width: number, height: number, seed: number): Raster {
  const random = seededRandom(seed)
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => Math.floor(random() * 256))
  return { pixels, width, height }
}

test('a fingerprint is that of the definition, at sizes above, below and beside 32', () => {
  for (const [width, height] of [
    [32, 32],
    [64, 96],
    [45, 33],
    [100, 20],
    [7, 5],
    [1, 1],
    [3, 70],
  ] as const) {
    for (const raster of [picture(width, height), randomRaster(width, height, width)]) {
      assert.equal(fingerprintOf(raster), byDefinition(raster), `${width} x ${height}`)
    }
  }
})

test('even areas of any colour have one fingerprint, which counts as plain', () => {
  const even = (value: number) =>
    fingerprintOf({ pixels: new Uint8Array(50 * 37 * 3).fill(value), width: 50, height: 37 })
  for (const value of [1, 77, 128, 255]) assert.equal(even(value), '8000000000000000')
  assert.ok([0, 77].every((value) => isPlainFingerprint(even(value))))
  assert.ok(!isPlainFingerprint(fingerprintOf(picture(50, 37))))
})

test('emoji stay near when encoded again, and far from most others', async () => {
  const decoder = createSharpImageDecoder()
  const fingerprint = async (bytes: Uint8Array) =>
    (await decoder.decode(bytes, spec, { fingerprint: true })).fingerprint!
  const originals: string[] = []
  let walked = 0
  const changed: number[] = []
  for await (const { id, kind } of walkImages('examples/emoji')) {
    if (kind !== 'image') continue
    if (walked++ % 11 !== 0) continue
    const bytes = readFileSync(`examples/emoji/${id}`)
    const original = await fingerprint(bytes)
    originals.push(original)
    const flat = sharp(bytes).flatten({ background: '#ffffff' })
    for (const again of [
      flat.clone().jpeg({ quality: 80 }),
      flat.clone().resize(48, 48).webp({ quality: 80 }),
      flat.clone().resize(300, 260, { fit: 'fill' }).jpeg({ quality: 90 }),
    ]) {
      changed.push(differentBits(original, await fingerprint(await again.toBuffer())))
    }
  }
  const others = originals.flatMap((a, i) => originals.slice(0, i).map((b) => differentBits(a, b)))
  const share = (bits: number[], atMost: number) =>
    bits.filter((count) => count <= atMost).length / bits.length
  assert.ok(share(changed, 4) > 0.97, `${share(changed, 4)} of the changed are within 4 bits`)
  assert.ok(share(others, 4) < 0.002, `${share(others, 4)} of the others are within 4 bits`)
})
