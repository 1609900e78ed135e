import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enlarge } from '../../src/image/enlarge.ts'

/** One line of grey, enlarged. */
function line(values: readonly number[], target: number, kernel: Parameters<typeof enlarge>[4]) {
  const pixels = Uint8Array.from(values.flatMap((value) => [value, value, value]))
  const size = { width: values.length, height: 1 }
  const box = { left: 0, top: 0, ...size }
  const large = enlarge(pixels, size, box, { width: target, height: 1 }, kernel)
  return Array.from({ length: target }, (_, i) => large[i * 3]!)
}

test('lines are enlarged as Pillow 13 enlarges them', () => {
  const values = [0, 255, 100, 30, 200]
  const pillow = {
    nearest: [0, 0, 255, 100, 100, 30, 200, 200],
    linear: [0, 112, 245, 148, 78, 34, 126, 200],
    cubic: [0, 108, 255, 156, 64, 28, 129, 212],
    lanczos3: [0, 110, 255, 178, 40, 23, 132, 220],
  }
  for (const kernel of ['nearest', 'linear', 'cubic', 'lanczos3'] as const) {
    assert.deepEqual(line(values, 8, kernel), pillow[kernel], kernel)
  }
})

test('rows and columns are not confused', () => {
  const red = [255, 0, 0]
  const blue = [0, 0, 255]
  const box = { left: 0, top: 0, width: 2, height: 1 }
  const target = { width: 4, height: 3 }
  const large = enlarge(Uint8Array.from([...red, ...blue]), box, box, target, 'nearest')
  const row = [...red, ...red, ...blue, ...blue]
  assert.deepEqual([...large], [...row, ...row, ...row])
})

test('a part given in fractions of pixels is enlarged alone', () => {
  // A ramp of 10 a pixel has the value 10 (x - 0.5) at x, between the centres of its pixels.
  const pixels = Uint8Array.from({ length: 8 * 3 }, (_, i) => Math.floor(i / 3) * 10)
  const box = { left: 2.25, top: 0, width: 2, height: 1 }
  const large = enlarge(pixels, { width: 8, height: 1 }, box, { width: 4, height: 1 }, 'linear')
  assert.deepEqual([large[0], large[3], large[6], large[9]], [20, 25, 30, 35])
})

test('one pixel fills any size', () => {
  for (const kernel of ['nearest', 'linear', 'cubic', 'lanczos3'] as const) {
    assert.deepEqual(line([77], 5, kernel), [77, 77, 77, 77, 77], kernel)
  }
})
