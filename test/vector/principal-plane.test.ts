import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeOn, principalPlane } from '../../src/vector/principal-plane.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { packRows } from '../../src/vector/row-matrix.ts'
import { jacobiValues } from '../support/jacobi-eigen.ts'
import { plainCovariance } from '../support/plain-covariance.ts'
import { gaussianVectors, HARD_SETS, sampleOf } from '../support/random-vectors.ts'

const SEED = 21
const noPause = async () => undefined

function planeOf(vectors: readonly Float32Array[], dimensions: number) {
  return principalPlane(sampleOf(vectors), dimensions, seededRandom(SEED), noPause)
}

/** Vectors whose components have unlike variances. */
function stretched(count: number, dimensions: number): Float32Array[] {
  return gaussianVectors(seededRandom(SEED), count, dimensions).map((vector) =>
    vector.map((value, i) => value * (1 + 3 / (1 + i)) + i),
  )
}

for (const [name, vectors] of [
  ['few dimensions', stretched(300, 12)],
  ['more dimensions than the space', stretched(700, 90)],
  ['more vectors than the start needs', stretched(9001, 70)],
  ['fewer vectors than dimensions', stretched(5, 40)],
  ['one dimension', stretched(30, 1)],
  ['three dimensions', stretched(30, 3)],
  ['few that differ', HARD_SETS.duplicates!(seededRandom(SEED), 60, 20)],
] as const) {
  test(`${name}: the directions are the first two eigenvectors of the covariance`, async () => {
    const dimensions = vectors[0]!.length
    const covariance = plainCovariance(packRows(vectors, dimensions))
    const values = jacobiValues(covariance, dimensions)
    const total = values.reduce((sum, value) => sum + value, 0)
    const { directions, shares } = await planeOf(vectors, dimensions)
    for (const k of [0, 1]) {
      const value = values[k] ?? 0
      assert.ok(Math.abs(shares[k]! * total - value) < 1e-6 * values[0]!, `${shares} ${values[k]}`)
      const direction = directions.subarray(k * dimensions, (k + 1) * dimensions)
      let length = 0
      for (let i = 0; i < dimensions; i++) {
        let image = 0
        for (let j = 0; j < dimensions; j++)
          image += covariance[i * dimensions + j]! * direction[j]!
        assert.ok(Math.abs(image - value * direction[i]!) < 1e-6 * values[0]!, `${name} ${i}`)
        length += direction[i]! ** 2
      }
      if (k < dimensions) assert.ok(Math.abs(length - 1) < 1e-9)
    }
  })
}

test('vectors that are equal lie on one point', async () => {
  const plane = await planeOf([new Float32Array([1, 2]), new Float32Array([1, 2])], 2)
  const out = new Float32Array(2)
  placeOn(plane, new Float32Array([1, 2]), out, 0)
  assert.deepEqual([...out, ...plane.shares], [0, 0, 0, 0])
})

for (const far of [1e4, 1e5]) {
  test(`vectors about ${far} that differ by little are told apart`, async () => {
    const step = 2 ** -6
    const near = stretched(300, 12).map((vector) => vector.map((value) => Math.round(value) * step))
    const away = near.map((vector) => vector.map((value) => value + far))
    const [wanted, found] = [await planeOf(near, 12), await planeOf(away, 12)]
    found.shares.forEach((share, k) => {
      assert.ok(Math.abs(share - wanted.shares[k]!) < 1e-6, `${found.shares} ${wanted.shares}`)
    })
    found.directions.forEach((value, at) => {
      assert.ok(Math.abs(value - wanted.directions[at]!) < 1e-4, `${at}: ${value}`)
    })
  })
}

test('of no vectors there is a plane too', async () => {
  assert.deepEqual((await planeOf([], 3)).shares, [0, 0])
})

test('it can be stopped', async () => {
  let pauses = 0
  const pause = async () => {
    if (++pauses === 100) throw new Error('stopped')
  }
  const vectors = sampleOf(stretched(500, 8))
  await assert.rejects(principalPlane(vectors, 8, seededRandom(SEED), pause), /stopped/)
})
