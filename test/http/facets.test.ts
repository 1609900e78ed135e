import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

let service: TestService
let server: TestServer
const base = '/v1/collections/line'

/** On a line at 1, 2, … 60. */
const POINTS = Array.from({ length: 60 }, (_, i) => ({
  id: `p${i + 1}`,
  vector: [i + 1],
  metadata: { even: i % 2 === 1, deep: { third: (i + 1) % 3 }, tags: ['all', `t${i % 4}`] },
}))

before(async () => {
  service = await openService()
  server = await startServer(service.collections)
  await call(server, 'PUT', base, { dimensions: 1, metric: 'euclidean' })
  await call(server, 'POST', `${base}/vectors`, { points: POINTS })
})

after(async () => {
  await server.server.close()
  await service.close()
})

const facets = (body: object): Promise<Answer> => call(server, 'POST', `${base}/facets`, body)

test('records are counted by the values of fields', async () => {
  const { status, body } = await facets({ fields: ['even', 'deep.third', 'none'] })
  assert.equal(status, 200)
  assert.deepEqual(body, {
    facets: {
      even: [
        { value: false, count: 30 },
        { value: true, count: 30 },
      ],
      'deep.third': [0, 1, 2].map((value) => ({ value, count: 20 })),
      none: [],
    },
    records: 60,
    exact: true,
    complete: true,
    cut: [],
  })
})

test('only those within a radius, among the nearest, or under a filter are counted', async () => {
  const query = { vector: [10] }
  for (const [body, records, even] of [
    [{ query, radius: 2 }, 5, 3],
    [{ query, k: 3 }, 3, 1],
    [{ query, k: 3, filter: { even: true } }, 3, 3],
    [{ query: { id: 'p10' }, radius: 2 }, 4, 2],
    [{ filter: { even: true } }, 30, 30],
  ] as const) {
    const answer = (await facets({ fields: ['even'], ...body })).body
    const found = answer.facets.even.find(({ value }: { value: boolean }) => value)
    assert.deepEqual([answer.records, found.count], [records, even], JSON.stringify(body))
  }
})

test('a list counts for each of its values, and an answer says which lists of values were cut', async () => {
  const { body } = await facets({ fields: ['tags', 'even'], limit: 2 })
  assert.deepEqual(body.facets.tags, [
    { value: 'all', count: 60 },
    { value: 't0', count: 15 },
  ])
  assert.deepEqual([body.complete, body.cut], [false, ['tags']])
})

test('what cannot be counted is refused', async () => {
  for (const body of [
    { fields: [] },
    { fields: ['a', 'a'] },
    { fields: ['a'], k: 3 },
    { fields: ['a'], query: { vector: [1] } },
    { fields: ['a'], query: { vector: [1] }, k: 20_000 },
  ]) {
    const { status, body: problem } = await facets(body)
    assert.deepEqual([status, problem.code], [400, 'INVALID_REQUEST'], JSON.stringify(body))
  }
})
