import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cascadeWork, gatherWork } from '../../../src/index/planner/expected-work.ts'
import type { SearchFacts } from '../../../src/index/planner/search-facts.ts'

const FACTS: SearchFacts = {
  rows: 64_000,
  allowed: 64_000,
  records: 64_000,
  dimensions: 100,
  rowsPerBlock: 640,
  k: 10,
  bounded: false,
  codes: 'prefix',
  threads: 4,
  splitAbove: 4_000_000,
}
const LEVELS = { coded: 800, floats: 400, decided: 80 }

test('threads share the rows of a large search; each of them is called and prepares the query', () => {
  // 64 components of each prefix code: 4,096,000 in all.
  const split = cascadeWork(FACTS, LEVELS)
  const whole = cascadeWork({ ...FACTS, splitAbove: 5_000_000 }, LEVELS)
  assert.deepEqual([whole.calls, whole.prepared], [1, 100])
  assert.deepEqual([split.calls, split.prepared], [1, 100])
  const shared = ['blocks', 'prefixed', 'listed', 'coded', 'gathered', 'judged', 'decided'] as const
  for (const kind of shared) {
    assert.ok(whole[kind] > 0, kind)
    assert.equal(split[kind], whole[kind] / 4, kind)
  }
})

test('a gather of most rows reads the blocks whole, one of few the rows by themselves', () => {
  const facts = { ...FACTS, splitAbove: Number.POSITIVE_INFINITY }
  const most = gatherWork({ ...facts, allowed: 50_000 }, LEVELS)
  assert.deepEqual([most.scanned, most.gathered, most.blocks], [6_400_000, 0, 100])
  const few = gatherWork({ ...facts, allowed: 50 }, LEVELS)
  assert.deepEqual([few.scanned, few.gathered], [0, 5000])
  assert.ok(few.blocks > 35 && few.blocks < 45, `${few.blocks} blocks are entered for 50 rows`)
})
