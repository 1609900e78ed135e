import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QuerySample } from '../../../src/index/graph/query-sample.ts'
import { seededRandom } from '../../../src/vector/random.ts'

test('the sample is bounded and made of the newer items: half-lives are those of a memoryless one', () => {
  const seed = 8
  const random = seededRandom(seed)
  const size = 50
  let young = 0
  let all = 0
  for (let round = 0; round < 200; round++) {
    const sample = new QuerySample<number>(size, random)
    for (let i = 0; i < 500; i++) sample.add(i)
    const before = all
    for (let item = sample.take(); item !== null; item = sample.take()) {
      all++
      if (item >= 450) young++
    }
    assert.equal(all - before, size)
  }
  // An item is there after 50 more with chance (1 - 1/50)^50: the last 50 make up 1 - 1/e of the sample.
  const share = young / all
  assert.ok(Math.abs(share - (1 - 1 / Math.E)) < 0.02, `seed ${seed}: ${share}`)
})

test('what is taken is gone', () => {
  const sample = new QuerySample<string>(3, seededRandom(1))
  sample.add('a')
  assert.equal(sample.take(), 'a')
  assert.equal(sample.take(), null)
})
