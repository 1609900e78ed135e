import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberClasses } from '../../src/evaluation/class-numbers.ts'
import { rankLabelled, rankPairs } from '../../src/evaluation/evaluate-labelled.ts'
import { MAX_PAIRED, pairDistances } from '../../src/evaluation/pair-distances.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { packRows, rowOf } from '../../src/vector/row-matrix.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { gaussianVectors } from '../support/random-vectors.ts'

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
