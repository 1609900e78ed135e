import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enlargingKernels } from '../../src/adapters/decoding/enlarging-kernels.ts'
import { enlarge as enlargeWith } from '../../src/image/enlarge.ts'
import { seededRandom } from '../../src/vector/random.ts'

type Parameters = typeof enlargeWith extends (first: never, ...rest: infer Rest) => unknown
  ? Rest
  : never

const enlarge = (...parameters: Parameters) => enlargeWith(enlargingKernels(), ...parameters)

/** One line of grey, enlarged. */
function line(values: readonly number[], target: number, kernel: Parameters[4]) {
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

const WEIGHTS = {
  nearest: { support: 0.5, weight: (d: number) => (d > -0.5 && d <= 0.5 ? 1 : 0) },
  linear: { support: 1, weight: (d: number) => Math.max(0, 1 - Math.abs(d)) },
  cubic: {
    support: 2,
    weight(signed: number) {
      const d = Math.abs(signed)
      if (d < 1) return (1.5 * d - 2.5) * d * d + 1
      return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0
    },
  },
  lanczos3: {
    support: 3,
    weight(d: number) {
      const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))
      return Math.abs(d) < 3 ? sinc(d) * sinc(d / 3) : 0
    },
  },
}

/** The taps of one output pixel of a line: the first, and their weights. */
function taps(
  kernel: Parameters[4],
  size: number,
  start: number,
  length: number,
  target: number,
  i: number,
) {
  const { support, weight } = WEIGHTS[kernel]
  const count = Math.min(size, Math.ceil(support * 2) + 1)
  const centre = start + ((i + 0.5) * length) / target
  const first = Math.min(size - count, Math.max(0, Math.floor(centre - support)))
  const weights = Array.from({ length: count }, (_, j) => weight(first + j + 0.5 - centre))
  const sum = weights.reduce((all, one) => all + one, 0)
  return { first, weights: weights.map((one) => one / sum) }
}

/** The definition as a plain loop: lines first, then columns, sums in the order of the taps, in float64. */
function plainly(...[pixels, size, box, target, kernel]: Parameters): Uint8ClampedArray {
  const out = new Uint8ClampedArray(target.width * target.height * 3)
  for (let x = 0; x < target.width; x++) {
    const across = taps(kernel, size.width, box.left, box.width, target.width, x)
    for (let band = 0; band < 3; band++) {
      const column = Array.from({ length: size.height }, (_, y) =>
        across.weights.reduce(
          (sum, one, j) => sum + one * pixels[(y * size.width + across.first + j) * 3 + band]!,
          0,
        ),
      )
      for (let y = 0; y < target.height; y++) {
        const down = taps(kernel, size.height, box.top, box.height, target.height, y)
        const value = down.weights.reduce((sum, one, j) => sum + one * column[down.first + j]!, 0)
        out[(y * target.width + x) * 3 + band] = value
      }
    }
  }
  return out
}

test('the kernels give the bits of a plain loop, for any size and part', () => {
  const seed = 16
  const random = seededRandom(seed)
  const upTo = (most: number) => 1 + Math.floor(random() * most)
  for (let i = 0; i < 60; i++) {
    const size = { width: upTo(40), height: upTo(40) }
    const pixels = Uint8Array.from({ length: size.width * size.height * 3 }, () => random() * 256)
    const box = { left: random() * 0.4 * size.width, top: 0, width: 0, height: size.height }
    box.width = (size.width - box.left) * (0.2 + 0.8 * random())
    box.top = random() * 0.4 * size.height
    box.height = (size.height - box.top) * (0.2 + 0.8 * random())
    const target = { width: size.width + upTo(50), height: size.height + upTo(50) }
    for (const kernel of ['nearest', 'linear', 'cubic', 'lanczos3'] as const) {
      const wanted = plainly(pixels, size, box, target, kernel)
      const got = enlarge(pixels, size, box, target, kernel)
      const told = `seed ${seed}, picture ${i}, ${kernel}, ${JSON.stringify({ size, box, target })}`
      assert.ok(Buffer.from(got).equals(Buffer.from(wanted)), told)
    }
  }
})
