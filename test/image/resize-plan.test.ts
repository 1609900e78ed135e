import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PreprocessSpec } from '../../src/image/image-decoder.ts'
import { planResize } from '../../src/image/resize-plan.ts'

const square: PreprocessSpec = {
  width: 224,
  height: 224,
  resize: 'centre-crop',
  cropFraction: 0.875,
  kernel: 'cubic',
}

test('a large image is reduced as a whole and cropped after it', () => {
  assert.deepEqual(planResize(square, { width: 4000, height: 3000 }), {
    source: null,
    reduce: { width: 256, height: 256, fit: 'cover' },
    crop: { left: 16, top: 16, width: 224, height: 224 },
    enlarge: null,
  })
})

test('of a small image the crop is enlarged, with the pixels around it that the kernel sees', () => {
  assert.deepEqual(planResize(square, { width: 64, height: 100 }), {
    source: { left: 0, top: 18, width: 64, height: 64 },
    reduce: null,
    crop: null,
    enlarge: { left: 4, top: 4, width: 56, height: 56 },
  })
})

test('an image of extreme shape is cut before it is reduced', () => {
  const plan = planResize(square, { width: 60_000, height: 300 })
  assert.deepEqual(plan.source, { left: 29_846, top: 0, width: 308, height: 300 })
})

test('the box of a re-identification model has the shape of its input', () => {
  const tall = { ...square, width: 128, height: 256, cropFraction: 1 }
  assert.deepEqual(planResize(tall, { width: 1000, height: 1000 }).reduce, {
    width: 128,
    height: 256,
    fit: 'cover',
  })
})

test('stretching reduces one side and enlarges the other where it must', () => {
  const stretch = { ...square, resize: 'stretch' } as const
  assert.deepEqual(planResize(stretch, { width: 100, height: 900 }), {
    source: null,
    reduce: { width: 100, height: 224, fit: 'fill' },
    crop: null,
    enlarge: { left: 0, top: 0, width: 100, height: 224 },
  })
})
