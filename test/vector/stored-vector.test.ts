import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { distanceFromSquared, squaredBound } from '../../src/vector/space.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { toStoredVector } from '../../src/vector/stored-vector.ts'

test('under cosine a vector of any length becomes a unit vector', () => {
  const random = seededRandom(1)
  for (const scale of [1, 1e-44, 1e-30, 1e30, 1e37]) {
    const numbers = Float32Array.from({ length: 50 }, () => gaussian(random) * scale)
    const unit = toStoredVector(numbers, 50, 'cosine')
    const norm = Math.sqrt(unit.reduce((sum, x) => sum + x * x, 0))
    assert.ok(Math.abs(norm - 1) < 1e-6, `scale ${scale}: ${norm}`)
  }
})

test('under euclidean a vector is kept as it is', () => {
  assert.deepEqual([...toStoredVector([1, -2, 0], 3, 'euclidean')], [1, -2, 0])
})

const REFUSED: readonly [string, readonly number[], string, RegExp][] = [
  ['too short', [1, 2], 'DIMENSION_MISMATCH', /3 numbers, got 2/],
  ['NaN', [1, Number.NaN, 2], 'INVALID_VECTOR', /NaN at position 1/],
  ['infinite', [1, 2, Number.NEGATIVE_INFINITY], 'INVALID_VECTOR', /-Infinity at position 2/],
  ['beyond float32', [1e39, 0, 0], 'INVALID_VECTOR', /1e\+39 at position 0/],
  ['zero', [0, -0, 0], 'INVALID_VECTOR', /zeros/],
  ['zero once rounded to float32', [1e-60, 0, 0], 'INVALID_VECTOR', /zeros/],
]

for (const [name, numbers, code, message] of REFUSED) {
  test(`a vector that is ${name} is refused`, () => {
    assert.throws(() => toStoredVector(numbers, 3, 'euclidean'), { code, message })
  })
}

test('the cosine distance of unit vectors is half the squared Euclidean distance', () => {
  const random = seededRandom(2)
  for (let i = 0; i < 100; i++) {
    const [a, b] = [0, 1].map(() =>
      toStoredVector(
        Array.from({ length: 20 }, () => gaussian(random)),
        20,
        'cosine',
      ),
    ) as [Float32Array, Float32Array]
    const cosine = a.reduce((sum, x, j) => sum + x * b[j]!, 0)
    const distance = distanceFromSquared('cosine', squaredEuclidean(a, b))
    assert.ok(Math.abs(distance - (1 - cosine)) < 1e-6)
  }
})

test('no squared distance within a radius passes the squared bound', () => {
  const random = seededRandom(3)
  for (let i = 0; i < 100_000; i++) {
    const squared = 10 ** (random() * 120 - 60) * (1 + random())
    for (const space of ['cosine', 'euclidean'] as const) {
      const radius = distanceFromSquared(space, squared)
      assert.ok(squared <= squaredBound(space, radius), `${space} ${squared}`)
    }
  }
})
