import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { symmetricEigen } from '../../src/vector/symmetric-eigen.ts'
import { assertClose } from '../support/assert-close.ts'

test('the second difference of three points has eigenvalues 2 + sqrt 2, 2 and 2 - sqrt 2', () => {
  const { values, vectors } = symmetricEigen(Float64Array.of(2, -1, 0, -1, 2, -1, 0, -1, 2), 3)
  const expected = [2 + Math.SQRT2, 2, 2 - Math.SQRT2]
  for (const [i, value] of expected.entries()) assertClose(values[i]!, value, `value ${i}`)
  // Of the largest: (1, -sqrt 2, 1) / 2, turned so that its largest component is positive.
  for (const [i, value] of [-0.5, Math.SQRT1_2, -0.5].entries()) {
    assertClose(vectors[i]!, value, `component ${i}`)
  }
})

const random = seededRandom(21)
const SIZE = 40
const from = (element: (i: number, j: number) => number) =>
  Float64Array.from({ length: SIZE * SIZE }, (_, at) => {
    const [i, j] = [Math.floor(at / SIZE), at % SIZE]
    return element(Math.min(i, j), Math.max(i, j))
  })
const noise = Float64Array.from({ length: SIZE * SIZE }, () => gaussian(random))
const MATRICES: Record<string, Float64Array> = {
  random: from((i, j) => noise[i * SIZE + j]!),
  'of rank 3': from((i, j) =>
    [0, 1, 2].reduce((sum, k) => sum + noise[i + k * SIZE]! * noise[j + k * SIZE]!, 0),
  ),
  zero: from(() => 0),
  'the identity': from((i, j) => (i === j ? 1 : 0)),
  'of ones': from(() => 1),
  'in blocks': from((i, j) => (Math.floor(i / 4) === Math.floor(j / 4) ? noise[j]! : 0)),
  tiny: from((i, j) => 1e-160 * noise[i * SIZE + j]!),
  huge: from((i, j) => 1e140 * noise[i * SIZE + j]!),
  'of widely spread eigenvalues': from((i, j) => noise[i * SIZE + j]! * 10 ** (-(i + j) / 8)),
}

for (const [name, matrix] of Object.entries(MATRICES)) {
  test(`a matrix ${name}: A v = lambda v, orthonormal, sorted, and left as it was`, () => {
    const before = matrix.slice()
    const { values, vectors } = symmetricEigen(matrix, SIZE)
    assert.deepEqual(matrix, before)
    const norm = Math.sqrt(matrix.reduce((sum, x) => sum + (x / 1e100) ** 2, 0)) * 1e100
    const scale = Math.max(norm, Math.max(...matrix.map(Math.abs)))
    for (let a = 0; a < SIZE; a++) {
      const v = vectors.subarray(a * SIZE, (a + 1) * SIZE)
      if (a > 0) assert.ok(values[a - 1]! >= values[a]!, `values ${a - 1} and ${a}`)
      for (let i = 0; i < SIZE; i++) {
        let image = 0
        for (let j = 0; j < SIZE; j++) image += matrix[i * SIZE + j]! * v[j]!
        assertClose(image, values[a]! * v[i]!, `A v of ${a} at ${i}`, 1e-13 * SIZE * scale)
      }
      for (let b = 0; b <= a; b++) {
        const w = vectors.subarray(b * SIZE, (b + 1) * SIZE)
        const product = v.reduce((sum, x, i) => sum + x * w[i]!, 0)
        assertClose(product, a === b ? 1 : 0, `product of ${a} and ${b}`, 1e-13)
      }
    }
  })
}

test('a matrix with NaN is refused', () => {
  assert.throws(
    () => symmetricEigen(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2),
    /finite numbers, got NaN/,
  )
})
