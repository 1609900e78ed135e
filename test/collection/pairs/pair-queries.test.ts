import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PairQueries } from '../../../src/collection/pairs/pair-queries.ts'

test('a join with a collection that cannot be pinned leaves its own unpinned', async () => {
  let pins = 0
  const queries = (pin: () => unknown) => {
    const parts = { engine: { pin }, capabilities: { joins: true } }
    return new PairQueries(parts as unknown as ConstructorParameters<typeof PairQueries>[0])
  }
  const own = queries(() => {
    pins++
    return { generation: {}, release: () => pins-- }
  })
  const other = queries(() => {
    throw new Error('gone')
  })
  const query = { radius: 1, k: null, filter: null, otherFilter: null }
  await assert.rejects(own.join(query, other, new AbortController().signal).next(), /gone/)
  assert.equal(pins, 0)
})
