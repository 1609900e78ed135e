import assert from 'node:assert/strict'
import { test } from 'node:test'
import { estimateRecall } from '../../../src/index/graph/recall-interval.ts'
import { gaussian, type Random, seededRandom } from '../../../src/vector/random.ts'
import { assertClose } from '../../support/assert-close.ts'

const TRIALS = 400
/** The least coverage of 95 % intervals over 400 trials: the nominal less what simulation and few queries cost. */
const LEAST_COVERAGE = 0.9

/** Marsaglia and Tsang's generator (2000). */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * random() ** (1 / shape)
  const d = shape - 1 / 3
  for (;;) {
    const x = gaussian(random)
    const v = (1 + x / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

/** How well one query does where `together` of the variance is between queries: beta of that mean. */
function ownRecall(mean: number, together: number, random: Random): number {
  if (together === 0) return mean
  const size = 1 / together - 1
  const a = gamma(mean * size, random)
  return a / (a + gamma((1 - mean) * size, random))
}

for (const together of [0, 0.1, 0.5]) {
  test(`the interval holds the recall as often as it says, ${together} of it shared by a query`, () => {
    const seed = 31
    const random = seededRandom(seed)
    for (const queries of [100, 400]) {
      for (const wanted of [1, 10, 50]) {
        for (const recall of [0.8, 0.9, 0.95]) {
          let held = 0
          for (let trial = 0; trial < TRIALS; trial++) {
            const results = Array.from({ length: queries }, () => {
              const own = ownRecall(recall, together, random)
              let found = 0
              for (let i = 0; i < wanted; i++) if (random() < own) found++
              return { found, wanted }
            })
            const { low, high } = estimateRecall(results)!
            if (low <= recall && recall <= high) held++
          }
          const what = `seed ${seed}: ${queries} queries, k ${wanted}, recall ${recall}`
          assert.ok(held / TRIALS >= LEAST_COVERAGE, `${what}: held ${held} of ${TRIALS} times`)
        }
      }
    }
  })
}

test('queries of one neighbour each give the interval that Wilson published', () => {
  // Agresti and Coull, Approximate is better than exact, 1998: 95 % score interval of 9 of 10.
  const results = Array.from({ length: 10 }, (_, i) => ({ found: i === 0 ? 0 : 1, wanted: 1 }))
  const { recall, low, high } = estimateRecall(results)!
  assertClose(recall, 0.9, 'recall')
  assertClose(low, 0.5958, 'low', 0.005)
  assertClose(high, 0.9821, 'high', 0.005)
})

test('queries that found everything do not prove a recall of 1', () => {
  const results = Array.from({ length: 100 }, () => ({ found: 10, wanted: 10 }))
  const { recall, low, high, queries } = estimateRecall(results)!
  assert.equal(recall, 1)
  assert.equal(high, 1)
  assert.equal(queries, 100)
  // 100 of 100 trials, not 1000 of 1000.
  assertClose(low, 100 / (100 + 1.959964 ** 2), 'low')
})

test('without queries nothing is known', () => {
  assert.equal(estimateRecall([]), null)
})
