import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SearchLoad } from '../../../src/index/planner/search-load.ts'

test('a search was alone unless another was under way at any time until it ended', () => {
  const load = new SearchLoad()
  assert.equal(load.begin(10)(), true)
  const long = load.begin(20)
  const short = load.begin(0.1)
  assert.equal(load.underWay, 2)
  assert.equal(load.aheadMicros, 20.1)
  assert.equal(short(), false)
  assert.equal(long(), false)
  assert.deepEqual([load.underWay, load.aheadMicros], [0, 0])
  assert.equal(load.begin(0)(), true)
})
