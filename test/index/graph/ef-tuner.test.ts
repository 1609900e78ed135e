import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EfTuner, efFor } from '../../../src/index/graph/ef-tuner.ts'
import { RecallWindow } from '../../../src/index/graph/recall-interval.ts'
import { seededRandom } from '../../../src/vector/random.ts'

/** Tunes by simulated queries whose recall rises with ef; returns the active size at the end of each query. */
function tune(target: number, recallAt: (ef: number) => number, seed: number, queries: number) {
  const random = seededRandom(seed)
  const tuner = new EfTuner(target)
  const window = new RecallWindow()
  const sizes: number[] = []
  let outOfReach = 0
  for (let i = 0; i < queries; i++) {
    const share = recallAt(tuner.ef)
    let found = 0
    for (let j = 0; j < 10; j++) if (random() < share) found++
    window.add({ found, wanted: 10 }, i)
    const step = tuner.step(window.estimate(i)!)
    if (step === 'up' || step === 'down') window.clear()
    if (step === 'out of reach') outOfReach++
    sizes.push(tuner.ef)
  }
  return { sizes, outOfReach }
}

const easy = (ef: number) => 1 - 0.5 / ef
const middling = (ef: number) => 1 - 6 / ef
const hard = (ef: number) => 1 - 24 / (ef + 24)
/** Far too low at one size, comfortable at the next: without a memory it would go back and forth. */
const steep = (ef: number) => (ef < 90 ? 0.8 : 0.99)

for (const [name, recallAt] of Object.entries({ easy, middling, hard, steep })) {
  test(`ef comes to rest where the recall is above the target, and not far above: ${name}`, () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { sizes } = tune(0.9, recallAt, seed, 4000)
      const settled = sizes.slice(-1000)
      const [ef = 0] = settled
      assert.ok(
        settled.every((size) => size === ef),
        `seed ${seed}: still ${[...new Set(settled)].join(', ')}`,
      )
      assert.ok(recallAt(ef) > 0.9, `seed ${seed}: ${recallAt(ef)} at ${ef}`)
      // Two steps down the ladder would not do.
      assert.ok(ef === 16 || recallAt(ef / 2.25) < 0.96, `seed ${seed}: ${ef}`)
    }
  })
}

test('a recall that no size reaches is reported', () => {
  const { sizes, outOfReach } = tune(0.95, () => 0.7, 3, 2000)
  assert.equal(sizes.at(-1), 1024)
  assert.ok(outOfReach > 0)
})

test('a recall above the target at the largest size is not out of reach', () => {
  const { outOfReach } = tune(0.95, (ef) => (ef === 1024 ? 0.96 : 0.5), 3, 2000)
  assert.equal(outOfReach, 0)
})

test('a list is never shorter than the answer', () => {
  for (const k of [1, 10, 11, 100, 1000, 10_000]) assert.ok(efFor(16, k) >= k, `${k}`)
  assert.equal(efFor(64, 1), 64)
  assert.equal(efFor(64, 10), 64)
  assert.equal(efFor(64, 1000), 1250)
})

test('results fade after an hour', () => {
  const window = new RecallWindow()
  for (let i = 0; i < 50; i++) window.add({ found: 1, wanted: 10 }, 0)
  window.add({ found: 10, wanted: 10 }, 3_600_000)
  assert.equal(window.estimate(3_600_000)?.queries, 51)
  assert.equal(window.estimate(3_600_001)?.queries, 1)
  assert.equal(window.estimate(3_600_001)?.recall, 1)
})
