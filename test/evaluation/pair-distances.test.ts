import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberClasses } from '../../src/evaluation/class-numbers.ts'
import { rankLabelled, rankPairs } from '../../src/evaluation/evaluate-labelled.ts'
import { joinedDistances, MAX_PAIRED, pairDistances } from '../../src/evaluation/pair-distances.ts'
import { transformRows } from '../../src/learning/feature-transform.ts'
import { identityAffine } from '../../src/learning/head-start.ts'
import { linearLayers } from '../../src/learning/learnt-layers.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { packRows, rowOf } from '../../src/vector/row-matrix.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { assertClose } from '../support/assert-close.ts'
import { gaussianVectors } from '../support/random-vectors.ts'
import { unitFeatures } from '../support/unit-features.ts'

const SEED = 51

test('every pair has the bits of the canonical distance, from both sides', () => {
  const rows = packRows(gaussianVectors(seededRandom(SEED), 11, 7), 7)
  const { squared, count } = pairDistances(rows)
  assert.equal(count, 11)
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < count; b++) {
      const wanted = squaredEuclidean(rowOf(rows, a), rowOf(rows, b))
      assert.equal(squared[a * count + b], wanted, `${a}, ${b}, seed ${SEED}`)
    }
  }
})

test('joined distances are those of the joined vectors', () => {
  const width = 9
  const drawn = packRows(gaussianVectors(seededRandom(SEED), 13, width), width)
  const features = unitFeatures(drawn.values, width)
  const layers = linearLayers({
    ...identityAffine(width),
    weight: Float32Array.from({ length: width * width }, (_, i) => Math.sin(i)),
  })
  const head = pairDistances(transformRows(features, { kind: 'head', layers }))
  for (const share of [0.1, 0.5, 0.9]) {
    const wanted = pairDistances(transformRows(features, { kind: 'joined', layers, share }))
    const { squared } = joinedDistances(pairDistances(features), head, share)
    for (const [i, value] of squared.entries()) {
      assertClose(value, wanted.squared[i]!, `pair ${i}, share ${share}, seed ${SEED}`, 1e-6)
    }
  }
})

test('more rows than can be paired rank as those that can: strangers far away change nothing', () => {
  const [count, width] = [60, 3]
  const labels = Array.from({ length: count }, (_, i) => `class ${i % 12}`)
  const near = gaussianVectors(seededRandom(SEED), count, width)
  const few = rankPairs(pairDistances(packRows(near, width)), numberClasses(labels))
  // Alone in their classes, so that they never ask, and behind every match.
  const far = Array.from({ length: MAX_PAIRED }, (_, i) => Float32Array.of(1e6 + i, 0, 0))
  const all = [...labels, ...far.map((_, i) => `alone ${i}`)]
  const many = rankLabelled(packRows([...near, ...far], width), numberClasses(all))
  assert.deepEqual(many, few, `seed ${SEED}`)
})

test('more rows than can be paired are refused', () => {
  const rows = packRows(gaussianVectors(seededRandom(SEED), MAX_PAIRED + 1, 1), 1)
  assert.throws(() => pairDistances(rows), /expected at most 2048 rows to pair, got 2049/)
})
