import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createSharpImageDecoder } from '../../src/adapters/sharp-image-decoder.ts'
import type { ImageView, PreprocessSpec } from '../../src/image/image-decoder.ts'
import { encoder, picture } from '../support/images.ts'

const decoder = createSharpImageDecoder()
after(() => decoder.close())
const spec: PreprocessSpec = {
  width: 224,
  height: 224,
  resize: 'centre-crop',
  cropFraction: 0.875,
  kernel: 'cubic',
}
const WHOLE: ImageView = {
  width: 1,
  height: 1,
  across: 0.5,
  down: 0.5,
  isMirrored: false,
  gains: [1, 1, 1],
}
const image = await encoder(picture(512, 300)).png().toBuffer()
const pixelsOf = async (view?: ImageView) => (await decoder.decode(image, spec, { view })).pixels

test('the view of all that the model sees is the plain image', async () => {
  assert.deepEqual(await pixelsOf(WHOLE), await pixelsOf())
})

test('a mirrored view has the same lines from right to left', async () => {
  const [plain, mirrored] = [await pixelsOf(), await pixelsOf({ ...WHOLE, isMirrored: true })]
  const { width, height } = spec
  for (let y = 0; y < height; y += 50) {
    for (let x = 0; x < width; x += 9) {
      const [from, to] = [3 * (y * width + x), 3 * (y * width + width - 1 - x)]
      assert.deepEqual(mirrored.slice(to, to + 3), plain.slice(from, from + 3), `${x}, ${y}`)
    }
  }
})

test('a view shows its part of the picture, at the size of the model', async () => {
  // The picture has a ramp of red from left to right: the square that is decoded has its middle.
  const part = { ...WHOLE, width: 0.5, height: 0.5 }
  const [left, right] = [
    await pixelsOf({ ...part, across: 0, down: 1 }),
    await pixelsOf({ ...part, across: 1, down: 1 }),
  ]
  assert.equal(left.length, 224 * 224 * 3)
  // 256 pixels show 300 of 512, from 106 on; a half of 224 is 112 of them.
  const redAt = (shown: number) => 40 + (200 * (106 + (shown * 300) / 256)) / 512
  const middle = 3 * (200 * 224 + 112)
  assert.ok(Math.abs(left[middle]! - redAt(56)) <= 1, `${left[middle]}, ${redAt(56)}`)
  assert.ok(Math.abs(right[middle]! - redAt(256 - 56)) <= 1, `${right[middle]}`)
})

test('colours of a view are multiplied, and end at white', async () => {
  const plain = await pixelsOf()
  const seen = await pixelsOf({ ...WHOLE, gains: [0.5, 1, 1.9] })
  for (let i = 0; i < plain.length; i += 3) {
    assert.equal(seen[i], Math.round(plain[i]! * 0.5))
    assert.equal(seen[i + 1], plain[i + 1])
    assert.equal(seen[i + 2], Math.min(255, Math.round(plain[i + 2]! * 1.9)))
  }
})
