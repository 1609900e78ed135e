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
  const stretch = { ...square, resize: 'stretch', cropFraction: 1 } as const
  assert.deepEqual(planResize(stretch, { width: 100, height: 900 }), {
    source: null,
    reduce: { width: 100, height: 224, fit: 'fill' },
    crop: null,
    enlarge: { left: 0, top: 0, width: 100, height: 224 },
  })
})

// By hand from get_resize_output_image_size and center_crop of transformers:
// the longer side becomes int(edge * long / short), the crop begins at (side - 224) // 2.
const SHORTEST_EDGE: readonly [
  edge: number,
  image: readonly [number, number],
  whole: readonly [number, number],
  crop: readonly [number, number],
][] = [
  [224, [640, 480], [298, 224], [37, 0]],
  [224, [480, 640], [224, 298], [0, 37]],
  [224, [500, 333], [336, 224], [56, 0]],
  [256, [640, 480], [341, 256], [58, 16]],
  [235, [640, 480], [313, 235], [44, 5]],
]

for (const [edge, [width, height], whole, [left, top]] of SHORTEST_EDGE) {
  test(`${width} x ${height} of shortest edge ${edge} becomes ${whole.join(' x ')}, cut at ${left}, ${top}`, () => {
    const spec = { ...square, resize: 'shortest-edge', cropFraction: 224 / edge } as const
    assert.deepEqual(planResize(spec, { width, height }), {
      source: null,
      reduce: { width: whole[0], height: whole[1], fit: 'fill' },
      crop: { left, top, width: 224, height: 224 },
      enlarge: null,
    })
  })
}

test('a small image of shortest edge 224 is enlarged where the crop will be', () => {
  // 448 x 224 as a whole, cut from 112 to 336: from 25 to 75 of the 100 pixels.
  const spec = { ...square, resize: 'shortest-edge', cropFraction: 1 } as const
  const { source, enlarge } = planResize(spec, { width: 100, height: 50 })
  assert.deepEqual(source, { left: 21, top: 0, width: 58, height: 50 })
  assert.deepEqual(enlarge, { left: 4, top: 0, width: 50, height: 50 })
})

test('an image of extreme shape and shortest edge is cut before it is reduced', () => {
  const spec = { ...square, resize: 'shortest-edge', cropFraction: 1 } as const
  const { source, reduce } = planResize(spec, { width: 60_000, height: 300 })
  assert.ok(source!.width < 320, `reads ${source!.width} columns`)
  assert.deepEqual(reduce, { width: 224, height: 224, fit: 'cover' })
})

test('a stretched image loses the same share of both sides to the crop', () => {
  const spec = { ...square, resize: 'stretch' } as const
  assert.deepEqual(planResize(spec, { width: 1000, height: 600 }), {
    source: null,
    reduce: { width: 256, height: 256, fit: 'fill' },
    crop: { left: 16, top: 16, width: 224, height: 224 },
    enlarge: null,
  })
})
