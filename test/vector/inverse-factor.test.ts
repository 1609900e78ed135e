import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choleskyFactor, inverseFactor, invertLower } from '../../src/vector/inverse-factor.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { matrixOf } from '../../src/vector/row-matrix.ts'
import { assertClose } from '../support/assert-close.ts'
import { plainProducts } from '../support/plain-products.ts'

const SEED = 41
const SIZE = 7

function product(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from({ length: SIZE * SIZE }, (_, place) => {
    const [row, column] = [Math.floor(place / SIZE), place % SIZE]
    let sum = 0
    for (let k = 0; k < SIZE; k++) sum += a[row * SIZE + k]! * b[k * SIZE + column]!
    return sum
  })
}

function transposed(a: Float64Array): Float64Array {
  return a.map((_, place) => a[(place % SIZE) * SIZE + Math.floor(place / SIZE)]!)
}

const random = seededRandom(SEED)
const root = Float64Array.from({ length: SIZE * SIZE }, () => gaussian(random))
const matrix = product(root, transposed(root))

test('the triangle times its mirror is the matrix, with zeros above the diagonal', () => {
  const lower = choleskyFactor(matrix, SIZE)
  for (const [place, value] of product(lower, transposed(lower)).entries()) {
    assertClose(value, matrix[place]!, `seed ${SEED}: number ${place}`, 1e-12)
  }
  for (let row = 0; row < SIZE; row++) {
    for (let column = row + 1; column < SIZE; column++) {
      assert.equal(lower[row * SIZE + column], 0)
    }
  }
})

test('the inverse times the triangle is the identity', () => {
  const lower = choleskyFactor(matrix, SIZE)
  for (const [place, value] of product(invertLower(lower, SIZE), lower).entries()) {
    const wanted = Math.floor(place / SIZE) === place % SIZE ? 1 : 0
    assertClose(value, wanted, `seed ${SEED}: number ${place}`, 1e-10)
  }
})

test('a matrix that is not positive definite is refused', () => {
  assert.throws(() => choleskyFactor(Float64Array.of(1, 2, 2, 1), 2), /positive definite/)
})

test('the inverse made in halves is that of the factor', async () => {
  for (const size of [1, 96, 97, 260]) {
    const drawn = seededRandom(SEED + size)
    const values = Float64Array.from({ length: size * (size + 3) }, () => gaussian(drawn))
    const rows = matrixOf(values, size + 3)
    const positive = await plainProducts(rows, rows)
    for (let i = 0; i < size; i++) positive.values[i * size + i]! += size
    const before = positive.values.slice()
    const wanted = invertLower(choleskyFactor(before, size), size)
    const got = await inverseFactor(positive, plainProducts)
    assert.deepEqual(positive.values, before, 'left as it was')
    assert.deepEqual([got.count, got.dimensions], [size, size])
    for (const [place, value] of got.values.entries()) {
      assertClose(value, wanted[place]!, `seed ${SEED + size}, size ${size}: number ${place}`)
    }
  }
})
