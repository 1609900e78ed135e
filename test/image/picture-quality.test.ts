import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pictureQuality } from '../../src/image/picture-quality.ts'
import { assertClose } from '../support/assert-close.ts'

const size = { width: 4, height: 4 }
const grey = (values: readonly number[]) =>
  Uint8Array.from(values.flatMap((value) => [value, value, value]))

test('an even picture has no sharpness, and its own brightness', () => {
  const { sharpness, brightness } = pictureQuality(grey(Array(16).fill(90)), size)
  assertClose(sharpness, 0, 'sharpness')
  assertClose(brightness, 90, 'brightness')
})

test('a worked example: one bright pixel of 4 x 4', () => {
  const values = Array(16).fill(0)
  values[5] = 10
  // The four inner pixels have the Laplacians -40, 10, 10 and 0: mean -5, mean of squares 450.
  const { sharpness, brightness } = pictureQuality(grey(values), size)
  assertClose(sharpness, 425, 'sharpness')
  assertClose(brightness, 10 / 16, 'brightness')
})

test('green is brighter than blue, and a picture without an inside has no sharpness', () => {
  const pixels = Uint8Array.from([0, 100, 0, 0, 0, 100])
  const { sharpness, brightness } = pictureQuality(pixels, { width: 2, height: 1 })
  assertClose(brightness, (58.7 + 11.4) / 2, 'brightness')
  assert.equal(sharpness, 0)
})
