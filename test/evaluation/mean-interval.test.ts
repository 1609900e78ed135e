import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meanOfRuns } from '../../src/evaluation/mean-interval.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'

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
