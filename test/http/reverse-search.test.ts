import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveOverHttp } from '../support/serve-over-http.ts'

const base = '/v1/collections/line'

const send = serveOverHttp()

// Points on a line: of 10 and 11 each is the nearest of the other, and of 13.
test('points on a line are stored', async () => {
  await send('PUT', base, { dimensions: 1, metric: 'euclidean' })
  const points = [10, 11, 13, 20].map((x) => ({
    id: `at-${x}`,
    vector: [x],
    metadata: { even: x % 2 === 0 },
  }))
  const { status } = await send('POST', `${base}/vectors`, { points })
  assert.equal(status, 200)
})

test('the records whose nearest a record is are found, with its rank', async () => {
  const { status, body } = await send('POST', `${base}/reverse-search`, {
    query: { id: 'at-11' },
    k: 1,
  })
  assert.deepEqual(
    [status, body],
    [
      200,
      {
        matches: [
          { id: 'at-10', distance: 1, rank: 1 },
          { id: 'at-13', distance: 2, rank: 1 },
        ],
        exact: true,
        complete: true,
      },
    ],
  )
})

test('a query by vector, a filter and a limit hold', async () => {
  const query = { vector: [12] }
  const filtered = await send('POST', `${base}/reverse-search`, {
    query,
    k: 1,
    filter: { even: true },
  })
  assert.deepEqual(filtered.body.matches, [
    { id: 'at-10', distance: 2, rank: 1 },
    { id: 'at-20', distance: 8, rank: 1 },
  ])
  const limited = await send('POST', `${base}/reverse-search`, { query, k: 3, limit: 1 })
  assert.deepEqual([limited.body.matches.length, limited.body.complete], [1, false])
})

test('an unknown record, and a k beyond the limit, are refused', async () => {
  const unknown = await send('POST', `${base}/reverse-search`, { query: { id: 'nobody' } })
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'RECORD_NOT_FOUND'])
  const large = await send('POST', `${base}/reverse-search`, { query: { vector: [1] }, k: 10_001 })
  assert.deepEqual([large.status, large.body.code], [400, 'INVALID_REQUEST'])
})

test('hubs come with how often they are among the nearest of others', async () => {
  const { status, body } = await send('POST', `${base}/hubs`, { k: 1 })
  const { skewness, ...others } = body
  assert.equal(status, 200)
  // The counts 2, 1, 1 and 0 are even around 1.
  assert.equal(skewness, 0)
  assert.deepEqual(others, {
    hubs: [
      { id: 'at-11', count: 2 },
      { id: 'at-10', count: 1 },
      { id: 'at-13', count: 1 },
    ],
    records: 4,
    never: 1,
    complete: true,
  })
  const sampled = await send('POST', `${base}/hubs`, { k: 1, records: 2, limit: 1 })
  assert.deepEqual([sampled.body.records, sampled.body.complete], [2, false])
})
