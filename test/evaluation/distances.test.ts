import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberClasses } from '../../src/evaluation/class-numbers.ts'
import {
  canonicalDistances,
  type Distances,
  heldDistances,
  joinedDistances,
  MAX_PAIRED,
  pairDistances,
  productDistances,
} from '../../src/evaluation/distances.ts'
import { rankLabelled } from '../../src/evaluation/rank-labelled.ts'
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
      const squared = await distances.measure(3, 40)
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
      const got = await rankLabelled(productDistances(rows, plainProducts), numbers)
      const wanted = await rankLabelled(canonicalDistances(rows, rows), numbers)
      assert.deepEqual(got, wanted, `seed ${seed}`)
    }
  })
}

test('more rows than are multiplied with at a time have their distances in order', async () => {
  const [seed, count] = [10, 4100]
  const rows = packRows(gaussianVectors(seededRandom(seed), count, 2), 2)
  const distances = productDistances(rows, plainProducts)
  for (const [i, value] of (await distances.measure(4093, 4097)).entries()) {
    const wanted = distances.canonical(4093 + Math.floor(i / count), i % count)
    assert.ok(Math.abs(value - wanted) <= distances.within, `seed ${seed}: number ${i}`)
  }
})

test('distances that are off by as much as they may be give the ranks of the canonical ones', async () => {
  for (const within of [1e-9, 0.3, 1e9]) {
    const random = seededRandom(7)
    const rows = packRows(gaussianVectors(random, 50, 3), 3)
    const canonical = (a: number, b: number) => squaredEuclidean(rowOf(rows, a), rowOf(rows, b))
    const distances: Distances = {
      queries: 50,
      rows: 50,
      within,
      canonical,
      async measure(first, end) {
        const off = () => (random() < 0.5 ? -within : within)
        return Float64Array.from({ length: (end - first) * 50 }, (_, i) => {
          return canonical(first + Math.floor(i / 50), i % 50) + off()
        })
      },
    }
    const numbers = numberClasses(labelsOf(50))
    const wanted = await rankLabelled(canonicalDistances(rows, rows), numbers)
    assert.deepEqual(await rankLabelled(distances, numbers), wanted, `${within}`)
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
    const squared = await joined.measure(2, 9)
    for (const [i, value] of squared.entries()) {
      const [row, other] = [2 + Math.floor(i / count), i % count]
      const wanted = squaredEuclidean(rowOf(vectors, row), rowOf(vectors, other))
      const label = `share ${share}, ${row} to ${other}, seed ${seed}`
      assert.ok(Math.abs(value - wanted) < 1e-6, label)
      assert.ok(Math.abs(value - joined.canonical(row, other)) <= joined.within, label)
    }
    // Twice: what was handed out may have been changed.
    for (const _ of [1, 2]) {
      assert.deepEqual(await joinedDistances(...held, share).measure(2, 9), squared)
      squared.fill(0)
      await joined.measure(2, 9).then((again) => squared.set(again))
    }
  }
})

test('distances of pairs have the bits of the canonical distance, from both sides', async () => {
  const [seed, count, width] = [51, 11, 7]
  const rows = packRows(gaussianVectors(seededRandom(seed), count, width), width)
  const distances = pairDistances(rows)
  assert.deepEqual([distances.queries, distances.rows, distances.within], [count, count, 0])
  for (const [first, end] of [
    [0, 11],
    [3, 9],
  ] as const) {
    const squared = await distances.measure(first, end)
    assert.equal(squared.length, (end - first) * count)
    for (const [i, value] of squared.entries()) {
      const [a, b] = [first + Math.floor(i / count), i % count]
      const wanted = squaredEuclidean(rowOf(rows, a), rowOf(rows, b))
      assert.equal(value, wanted, `${a}, ${b}, seed ${seed}`)
      assert.equal(distances.canonical(a, b), wanted)
    }
  }
})

test('more rows than can be paired rank as those that can: strangers far away change nothing', async () => {
  const [seed, count, width] = [51, 60, 3]
  const labels = Array.from({ length: count }, (_, i) => `class ${i % 12}`)
  const near = gaussianVectors(seededRandom(seed), count, width)
  const few = await rankLabelled(pairDistances(packRows(near, width)), numberClasses(labels))
  // Alone in their classes, so that they are no queries, and behind every match.
  const far = Array.from({ length: MAX_PAIRED }, (_, i) => Float32Array.of(1e6 + i, 0, 0))
  const all = numberClasses([...labels, ...far.map((_, i) => `alone ${i}`)])
  const many = await rankLabelled(pairDistances(packRows([...near, ...far], width)), all)
  assert.deepEqual(many, few, `seed ${seed}`)
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
    const ranked = rankLabelled(distances, numberClasses(labels))
    await assert.rejects(ranked, failsWith('NOTHING_TO_EVALUATE'))
  }
})
