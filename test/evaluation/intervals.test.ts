import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bootstrapIntervals, meanOfRuns } from '../../src/evaluation/intervals.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'

const IMAGES = 10

/** Classes of ten images; each class has its own chance of success, whose mean is one half. */
function successes(random: () => number, classes: number): number[] {
  return Array.from({ length: classes }, () => {
    const chance = random()
    let sum = 0
    for (let i = 0; i < IMAGES; i++) if (random() < chance) sum++
    return sum
  })
}

function weightedMean(sums: readonly number[], weights: Uint32Array): number {
  const total = sums.reduce((sum, value, i) => sum + value * weights[i]!, 0)
  return total / (IMAGES * weights.reduce((sum, weight) => sum + weight, 0))
}

test('95 % intervals hold the truth in about 95 % of data sets drawn, though images of a class agree', () => {
  const seed = 11
  const random = seededRandom(seed)
  let held = 0
  for (let set = 0; set < 300; set++) {
    const sums = successes(random, 40)
    const [[low, high]] = bootstrapIntervals(
      40,
      (weights) => [weightedMean(sums, weights)],
      random,
      {
        resamples: 200,
      },
    ) as [readonly [number, number]]
    if (low <= 0.5 && 0.5 <= high) held++
  }
  assert.ok(held >= 267 && held <= 297, `seed ${seed}: ${held} of 300`)
})

test('an interval leaves the same share of resamples below as above', () => {
  const random = seededRandom(12)
  const sums = successes(random, 50)
  const seen: number[] = []
  const statistic = (weights: Uint32Array) => {
    seen.push(weightedMean(sums, weights))
    return [seen.at(-1)!]
  }
  const options = { resamples: 1000, level: 0.9 }
  const [[low, high]] = bootstrapIntervals(50, statistic, random, options) as [[number, number]]
  assert.equal(seen.length, 1000)
  assertClose(seen.filter((value) => value < low).length, 50, 'below', 5)
  assertClose(seen.filter((value) => value > high).length, 50, 'above', 5)
})

test('every resample draws as many classes as there are', () => {
  const statistic = (weights: Uint32Array) => [weights.reduce((sum, weight) => sum + weight, 0)]
  assert.deepEqual(bootstrapIntervals(7, statistic, seededRandom(13)), [[7, 7]])
})

test('the worked example: 1 to 5 have the mean 3, and sqrt(2.5 / 5) x 2.776 to both sides', () => {
  const { mean, interval } = meanOfRuns([1, 2, 3, 4, 5])
  assert.equal(mean, 3)
  assert.ok(Math.abs(interval[0] - (3 - 2.776 * Math.sqrt(0.5))) < 1e-12)
  assert.ok(Math.abs(interval[1] - (3 + 2.776 * Math.sqrt(0.5))) < 1e-12)
})

test('of normal numbers around 0, 95 in a hundred intervals hold 0, for few runs and for many', () => {
  const seed = 6
  const random = seededRandom(seed)
  for (const runs of [2, 5, 40]) {
    let held = 0
    for (let trial = 0; trial < 4000; trial++) {
      const { interval } = meanOfRuns(Array.from({ length: runs }, () => gaussian(random)))
      if (interval[0] <= 0 && interval[1] >= 0) held++
    }
    assert.ok(Math.abs(held / 4000 - 0.95) < 0.015, `seed ${seed}: ${held} of 4000, ${runs} runs`)
  }
})

test('one run has no interval', () => {
  assert.throws(() => meanOfRuns([1]), /at least 2 runs, got 1/)
})
