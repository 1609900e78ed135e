import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LevelShares } from '../../../src/index/planner/level-shares.ts'
import type { SearchFacts } from '../../../src/index/planner/search-facts.ts'
import { assertClose } from '../../support/assert-close.ts'

const FACTS: SearchFacts = {
  rows: 8192,
  allowed: 8192,
  records: 8192,
  dimensions: 128,
  rowsPerBlock: 512,
  k: 10,
  bounded: false,
  codes: 'prefix',
  threads: 2,
  splitAbove: 4_000_000,
}

test('the shares of earlier searches are expected of the next, averaged, the newest by a tenth at least', () => {
  const shares = new LevelShares()
  shares.saw('cascade', FACTS, { coded: 1024, floats: 512, decided: 128 })
  const first = shares.expected('cascade', { ...FACTS, allowed: 4096, k: 5 })
  assert.deepEqual(first, { coded: 512, floats: 256, decided: 64 })
  shares.saw('cascade', FACTS, { coded: 2048, floats: 512, decided: 9000 })
  const second = shares.expected('cascade', FACTS)
  assert.deepEqual(second, { coded: 1536, floats: 512, decided: 4160 })
  for (let i = 0; i < 100; i++) {
    shares.saw('cascade', FACTS, { coded: 0, floats: 8192, decided: 8192 })
  }
  const last = shares.expected('cascade', FACTS)
  assertClose(last.coded, 0, 'codes', 0.1)
  assertClose(last.floats / 8192, 1, 'float32', 0.001)
})

test('searches of another kind, or of far more rows for their k, are told apart', () => {
  const shares = new LevelShares()
  const before = shares.expected('gather', FACTS)
  shares.saw('cascade', FACTS, { coded: 1, floats: 1, decided: 1 })
  shares.saw('gather', { ...FACTS, k: 1000 }, { coded: 1, floats: 1, decided: 1 })
  shares.saw('gather', { ...FACTS, bounded: true }, { coded: 1, floats: 1, decided: 1 })
  assert.deepEqual(shares.expected('gather', FACTS), before)
})
