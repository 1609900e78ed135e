import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { matrixOf, rowOf } from '../../src/vector/row-matrix.ts'
import { symmetricEigen } from '../../src/vector/symmetric-eigen.ts'
import { assertClose } from '../support/assert-close.ts'
import { jacobiValues } from '../support/jacobi-eigen.ts'
import { plainProducts } from '../support/plain-products.ts'

test('the second difference of three points has eigenvalues 2 + sqrt 2, 2 and 2 - sqrt 2', async () => {
  const { values, vectors } = await symmetricEigen(
    matrixOf(Float64Array.of(2, -1, 0, -1, 2, -1, 0, -1, 2), 3),
    3,
    plainProducts,
  )
  const expected = [2 + Math.SQRT2, 2, 2 - Math.SQRT2]
  for (const [i, value] of expected.entries()) assertClose(values[i]!, value, `value ${i}`)
  // Of the largest: (1, -sqrt 2, 1) / 2, turned so that its largest component is positive.
  for (const [i, value] of [-0.5, Math.SQRT1_2, -0.5].entries()) {
    assertClose(vectors.values[i]!, value, `component ${i}`)
  }
})

test('a matrix of one number has it as eigenvalue, and the direction 1', async () => {
  const { values, vectors } = await symmetricEigen(
    matrixOf(Float64Array.of(-3), 1),
    1,
    plainProducts,
  )
  assert.deepEqual([...values, ...vectors.values], [-3, 1])
})

const SEED = 21
const random = seededRandom(SEED)
// More than a panel of reflections.
const SIZE = 42
const from = (element: (i: number, j: number) => number) =>
  Float64Array.from({ length: SIZE * SIZE }, (_, at) => {
    const [i, j] = [Math.floor(at / SIZE), at % SIZE]
    return element(Math.min(i, j), Math.max(i, j))
  })
const noise = Float64Array.from({ length: SIZE * SIZE }, () => gaussian(random))
/** Wilkinson's W21+, whose largest eigenvalues are pairs that agree to 14 digits: at the place i, |i - 10|. */
const wilkinson = (i: number, j: number, glue: number) => {
  if (i === j) return Math.abs((i % 21) - 10)
  if (j - i !== 1) return 0
  return j % 21 === 0 ? glue : 1
}
const covariance = from((i, j) => {
  let sum = 0
  for (let row = 0; row < 25; row++) sum += noise[row * SIZE + i]! * noise[row * SIZE + j]!
  return sum / 25
})
const MATRICES: Record<string, Float64Array> = {
  random: from((i, j) => noise[i * SIZE + j]!),
  'of rank 3': from((i, j) =>
    [0, 1, 2].reduce((sum, k) => sum + noise[i + k * SIZE]! * noise[j + k * SIZE]!, 0),
  ),
  'of fewer rows than dimensions': covariance,
  zero: from(() => 0),
  'the identity': from((i, j) => (i === j ? 1 : 0)),
  'of ones': from(() => 1),
  'in blocks': from((i, j) => (Math.floor(i / 4) === Math.floor(j / 4) ? noise[j]! : 0)),
  'of two equal halves': from((i, j) => (i % 21 === j % 21 ? 1 : 0) + (i === j ? 2 : 0)),
  'of one value but for noise': from((i, j) => (i === j ? 1 : 0) + 1e-13 * noise[i * SIZE + j]!),
  'of Wilkinson, twice': from((i, j) => wilkinson(i, j, 0)),
  'of Wilkinson, glued': from((i, j) => wilkinson(i, j, 1e-10)),
  tiny: from((i, j) => 1e-160 * noise[i * SIZE + j]!),
  huge: from((i, j) => 1e140 * noise[i * SIZE + j]!),
  'of widely spread eigenvalues': from((i, j) => noise[i * SIZE + j]! * 10 ** (-(i + j) / 8)),
}

for (const [name, matrix] of Object.entries(MATRICES)) {
  test(`a matrix ${name}: A v = lambda v, orthonormal, sorted, and left as it was`, async () => {
    const before = matrix.slice()
    const norm = Math.sqrt(matrix.reduce((sum, x) => sum + (x / 1e100) ** 2, 0)) * 1e100
    const scale = Math.max(norm, Math.max(...matrix.map(Math.abs)))
    // Of the size of 1, for Jacobi's rotations.
    const unit = scale === 0 ? 1 : scale
    const expected = jacobiValues(
      matrix.map((x) => x / unit),
      SIZE,
    )
    for (const wanted of [1, 9, SIZE]) {
      const { values, vectors } = await symmetricEigen(
        matrixOf(matrix, SIZE),
        wanted,
        plainProducts,
      )
      assert.deepEqual(matrix, before)
      assert.deepEqual([values.length, vectors.values.length], [wanted, wanted * SIZE])
      for (let a = 0; a < wanted; a++) {
        const label = `seed ${SEED}, ${a} of ${wanted}`
        const v = rowOf(vectors, a)
        if (a > 0) assert.ok(values[a - 1]! >= values[a]!, `${label}: sorted`)
        assertClose(values[a]! / unit, expected[a]!, `${label}: value`, 1e-14 * SIZE)
        assert.ok(Math.max(...v) >= Math.max(...v.map((x) => -x)), `${label}: sign`)
        for (let i = 0; i < SIZE; i++) {
          let image = 0
          for (let j = 0; j < SIZE; j++) image += matrix[i * SIZE + j]! * v[j]!
          assertClose(image, values[a]! * v[i]!, `${label}: A v at ${i}`, 1e-14 * SIZE * scale)
        }
        for (let b = 0; b <= a; b++) {
          const w = rowOf(vectors, b)
          const product = v.reduce((sum, x, i) => sum + x * w[i]!, 0)
          assertClose(product, a === b ? 1 : 0, `${label}: product with ${b}`, 1e-13)
        }
      }
    }
  })
}

test('of a large matrix of clustered points the wanted ones are eigenvectors, and orthonormal', async () => {
  const [seed, size, wanted] = [22, 400, 160]
  const drawn = seededRandom(seed)
  const rows = Array.from({ length: 500 }, () => {
    return Float64Array.from({ length: size }, (_, i) => (i < 20 ? 4 : 1) * gaussian(drawn))
  })
  const matrix = new Float64Array(size * size)
  for (const row of rows) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) matrix[i * size + j]! += (row[i]! * row[j]!) / rows.length
    }
  }
  const { values, vectors } = await symmetricEigen(matrixOf(matrix, size), wanted, plainProducts)
  let [residual, slant] = [0, 0]
  for (let a = 0; a < wanted; a++) {
    const v = rowOf(vectors, a)
    for (let i = 0; i < size; i++) {
      let image = 0
      for (let j = 0; j < size; j++) image += matrix[i * size + j]! * v[j]!
      residual = Math.max(residual, Math.abs(image - values[a]! * v[i]!) / values[0]!)
    }
    for (let b = 0; b <= a; b++) {
      let product = 0
      for (let i = 0; i < size; i++) product += v[i]! * vectors.values[b * size + i]!
      slant = Math.max(slant, Math.abs(product - (a === b ? 1 : 0)))
    }
  }
  assert.ok(residual < 1e-13 && slant < 1e-13, `seed ${seed}: ${residual}, ${slant}`)
})

test('a matrix with NaN, and more eigenvectors than rows, are refused', async () => {
  await assert.rejects(
    symmetricEigen(matrixOf(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2), 1, plainProducts),
    /finite numbers, got NaN/,
  )
  await assert.rejects(
    symmetricEigen(matrixOf(Float64Array.of(1), 1), 2, plainProducts),
    /1 to 1 eigenvectors, got 2/,
  )
})
