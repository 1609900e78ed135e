import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rate } from '../../../src/http/admission/rate.ts'
import { seededRandom } from '../../../src/vector/random.ts'

test('a caller does it as often as it may at once, then evenly', () => {
  let now = 5000
  const rate = new Rate({ most: 3, periodMs: 60_000, clock: () => now })
  for (let i = 0; i < 3; i++) {
    assert.equal(rate.waitMs('a'), 0)
    rate.count('a')
  }
  assert.equal(rate.waitMs('a'), 20_000)
  assert.equal(rate.waitMs('b'), 0)
  now += 15_000
  assert.equal(rate.waitMs('a'), 5000)
  now += 5000
  assert.equal(rate.waitMs('a'), 0)
  rate.count('a')
  assert.equal(rate.waitMs('a'), 20_000)
  now += 1_000_000
  for (let i = 0; i < 3; i++) rate.count('a')
  assert.equal(rate.waitMs('a'), 20_000)
})

test('it allows what a bucket that is filled drop by drop allows', () => {
  const seed = 7
  const random = seededRandom(seed)
  for (const most of [1, 7, 60]) {
    let now = 0
    const rate = new Rate({ most, periodMs: 60_000, clock: () => now })
    let drops = most
    for (let step = 0; step < 5000; step++) {
      const passed = Math.floor(random() * 4 * (60_000 / most))
      now += passed
      drops = Math.min(most, drops + (passed * most) / 60_000)
      // A hair's breadth from a whole drop, either may round to the other side.
      if (Math.abs(drops - 1) < 1e-6) continue
      assert.equal(rate.waitMs('a') === 0, drops >= 1, `seed ${seed}, most ${most}, step ${step}`)
      if (drops < 1) continue
      drops -= 1
      rate.count('a')
    }
  }
})
