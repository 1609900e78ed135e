import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coloursOf } from '../../src/image/colours.ts'

test('colours are the means of Cb and Cr over 4 x 4 parts, row by row', () => {
  // By BT.601: red is Cb 84.97, Cr 255.5; the definition is that of JPEG (JFIF 1.02), in whole numbers.
  const width = 8
  const pixels = new Uint8Array(width * width * 3).fill(100)
  for (let y = 0; y < 2; y++)
    for (let x = 6; x < 8; x++) pixels.set([200, 0, 0], (y * width + x) * 3)
  const bytes = [...Buffer.from(coloursOf({ pixels, width, height: width }), 'hex')]
  const red = [Math.round(128 - 0.168736 * 200), Math.round(128 + 0.5 * 200)]
  const expected = Array.from({ length: 16 }, (_, part) => (part === 3 ? red : [128, 128])).flat()
  assert.deepEqual(bytes, expected)
})

test('an image of one pixel has colours', () => {
  const colours = coloursOf({ pixels: Uint8Array.of(9, 9, 9), width: 1, height: 1 })
  assert.equal(colours.length, 64)
})
