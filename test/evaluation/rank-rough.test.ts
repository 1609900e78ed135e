import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberClasses } from '../../src/evaluation/class-numbers.ts'
import { rankLabelled } from '../../src/evaluation/evaluate-labelled.ts'
import { rankRough } from '../../src/evaluation/rank-rough.ts'
import {
  heldDistances,
  joinedDistances,
  productDistances,
  type RoughDistances,
} from '../../src/evaluation/rough-distances.ts'
import { linearLayers, transformRows } from '../../src/learning/feature-transform.ts'
import { identityAffine } from '../../src/learning/start/head-start.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { packRows, rowOf } from '../../src/vector/row-matrix.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { failsWith } from '../support/errors.ts'
import { plainProducts } from '../support/plain-products.ts'
import { gaussianVectors, HARD_SETS } from '../support/random-vectors.ts'
import { unitFeatures } from '../support/unit-features.ts'

const WIDTH = 13
const labelsOf = (count: number) => Array.from({ length: count }, (_, i) => `class ${i % 4}`)

for (const [name, make] of Object.entries(HARD_SETS)) {
  test(`no distance by products is further from the canonical one than it says: ${name}`, async () => {
    for (const seed of [1, 2, 3]) {
      const rows = packRows(make(seededRandom(seed), 40, WIDTH), WIDTH)
      const distances = productDistances(rows, plainProducts)
      const squared = await distances.rows(3, 40)
      for (let row = 3; row < 40; row++) {
        for (let other = 0; other < 40; other++) {
          const wanted = squaredEuclidean(rowOf(rows, row), rowOf(rows, other))
          assert.equal(distances.canonical(row, other), wanted)
          const off = Math.abs(squared[(row - 3) * 40 + other]! - wanted)
          assert.ok(off <= distances.within, `seed ${seed}, ${row} to ${other}: off by ${off}`)
        }
      }
    }
  })

  test(`ranks by products are those by canonical distances: ${name}`, async () => {
    for (const seed of [4, 5, 6]) {
      const rows = packRows(make(seededRandom(seed), 61, WIDTH), WIDTH)
      const numbers = numberClasses(labelsOf(61))
      const got = await rankRough(productDistances(rows, plainProducts), numbers)
      assert.deepEqual(got, rankLabelled(rows, numbers), `seed ${seed}`)
    }
  })
}

test('more rows than are multiplied with at a time have their distances in order', async () => {
  const [seed, count] = [10, 4100]
  const rows = packRows(gaussianVectors(seededRandom(seed), count, 2), 2)
  const distances = productDistances(rows, plainProducts)
  for (const [i, value] of (await distances.rows(4093, 4097)).entries()) {
    const wanted = distances.canonical(4093 + Math.floor(i / count), i % count)
    assert.ok(Math.abs(value - wanted) <= distances.within, `seed ${seed}: number ${i}`)
  }
})

test('distances that are off by as much as they may be give the ranks of the canonical ones', async () => {
  for (const within of [1e-9, 0.3, 1e9]) {
    const random = seededRandom(7)
    const rows = packRows(gaussianVectors(random, 50, 3), 3)
    const canonical = (a: number, b: number) => squaredEuclidean(rowOf(rows, a), rowOf(rows, b))
    const rough: RoughDistances = {
      ...{ count: 50, within, canonical },
      async rows(first, end) {
        const off = () => (random() < 0.5 ? -within : within)
        return Float64Array.from({ length: (end - first) * 50 }, (_, i) => {
          return canonical(first + Math.floor(i / 50), i % 50) + off()
        })
      },
    }
    const numbers = numberClasses(labelsOf(50))
    assert.deepEqual(await rankRough(rough, numbers), rankLabelled(rows, numbers), `${within}`)
  }
})

test('joined distances are those of the joined vectors, held or not', async () => {
  const [seed, count] = [8, 23]
  const drawn = packRows(gaussianVectors(seededRandom(seed), count, WIDTH), WIDTH)
  const features = unitFeatures(drawn.values, WIDTH)
  const layers = linearLayers({
    ...identityAffine(WIDTH),
    weight: Float32Array.from({ length: WIDTH * WIDTH }, (_, i) => Math.sin(i)),
  })
  const first = productDistances(features, plainProducts)
  const second = productDistances(transformRows(features, { kind: 'head', layers }), plainProducts)
  const held = [await heldDistances(first), await heldDistances(second)] as const
  for (const share of [0.1, 0.5, 0.9]) {
    const vectors = transformRows(features, { kind: 'joined', layers, share })
    const joined = joinedDistances(first, second, share)
    const squared = await joined.rows(2, 9)
    for (const [i, value] of squared.entries()) {
      const [row, other] = [2 + Math.floor(i / count), i % count]
      const wanted = squaredEuclidean(rowOf(vectors, row), rowOf(vectors, other))
      const said = `share ${share}, ${row} to ${other}, seed ${seed}`
      assert.ok(Math.abs(value - wanted) < 1e-6, said)
      assert.ok(Math.abs(value - joined.canonical(row, other)) <= joined.within, said)
    }
    // Twice: what was handed out may have been changed.
    for (const _ of [1, 2]) {
      assert.deepEqual(await joinedDistances(...held, share).rows(2, 9), squared)
      squared.fill(0)
      await joined.rows(2, 9).then((again) => squared.set(again))
    }
  }
})

test('one class, and no class of two, are refused', async () => {
  const distances = productDistances(
    packRows(gaussianVectors(seededRandom(9), 3, 2), 2),
    plainProducts,
  )
  for (const labels of [
    ['a', 'a', 'a'],
    ['a', 'b', 'c'],
  ]) {
    const ranked = rankRough(distances, numberClasses(labels))
    await assert.rejects(ranked, failsWith('NOTHING_TO_EVALUATE'))
  }
})
