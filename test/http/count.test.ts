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
  metadata: { even: i % 2 === 1 },
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

const count = (body: object): Promise<Answer> => call(server, 'POST', `${base}/count`, body)

test('records are counted within a radius, its border included, and under a filter', async () => {
  const query = { vector: [10] }
  const filter = { even: true }
  for (const [body, expected] of [
    [{}, 60],
    [{ filter }, 30],
    [{ query, radius: 5 }, 11],
    [{ query, radius: 4.999 }, 9],
    [{ query, radius: 5, filter }, 5],
    [{ query: { id: 'p10' }, radius: 5 }, 10],
    [{ query: { id: 'p1' }, radius: 0 }, 0],
  ] as const) {
    const answer = await count(body)
    assert.deepEqual([answer.status, answer.body], [200, { count: expected, exact: true }])
  }
})

test('a count says how many candidates came to each level', async () => {
  const { body } = await count({ query: { vector: [10] }, radius: 5, include: ['explain'] })
  assert.deepEqual(body.explain.levels[0], { name: 'float32', candidates: 60 })
})

test('a search gives the farthest, or diverse ones among the nearest, and refuses what has no effect there', async () => {
  const search = (body: object) => call(server, 'POST', `${base}/search`, body)
  const ids = ({ body }: Answer) => body.matches.map(({ id }: { id: string }) => id)
  const query = { vector: [10] }
  const filter = { even: true }
  assert.deepEqual(ids(await search({ query, farthest: true, k: 3 })), ['p60', 'p59', 'p58'])
  assert.deepEqual(ids(await search({ query, farthest: true, k: 2, filter })), ['p60', 'p58'])
  const near = { query, k: 4, candidates: 11 }
  assert.deepEqual(ids(await search({ ...near, diversity: 0 })), ['p10', 'p11', 'p9', 'p12'])
  assert.deepEqual(ids(await search({ ...near, diversity: 1 })), ['p10', 'p15', 'p5', 'p12'])
  for (const body of [
    { query, farthest: true, radius: 3 },
    { query, farthest: true, accuracy: 'auto' },
    { query, farthest: true, diversity: 0.5 },
    { query, diversity: 0.5, groupBy: 'even' },
    { query, diversity: 0.5, k: 20, candidates: 10 },
    { query, candidates: 10 },
    { query, diversity: 1.5 },
  ]) {
    const { status, body: problem } = await search(body)
    assert.deepEqual([status, problem.code], [400, 'INVALID_REQUEST'], JSON.stringify(body))
  }
})

test('a search by several things at once combines their distances', async () => {
  const search = (body: object) => call(server, 'POST', `${base}/search`, body)
  const all = [{ vector: [10] }, { id: 'p20', weight: 2 }]
  const found = async (combine: object) => {
    const { status, body } = await search({ query: { all, ...combine }, k: 3 })
    assert.equal(status, 200)
    return body.matches.map(({ id, distance }: { id: string; distance: number }) => [id, distance])
  }
  assert.deepEqual(await found({}), [
    ['p19', 11],
    ['p18', 12],
    ['p17', 13],
  ])
  assert.deepEqual(await found({ combine: 'max' }), [
    ['p17', 7],
    ['p16', 8],
    ['p18', 8],
  ])
  assert.deepEqual(await found({ combine: 'min' }), [
    ['p10', 0],
    ['p11', 1],
    ['p9', 1],
  ])
  const explained = await search({ query: { all }, k: 3, include: ['explain'] })
  assert.equal(explained.body.explain.plan, 'combined by sum')
  for (const body of [
    { query: { combine: 'sum', id: 'p1' } },
    { query: { all, id: 'p1' } },
    { query: { all: [] } },
    { query: { all: [{ vector: [1], weight: 0 }] } },
    { query: { all: [{ vector: [1], by: 'fingerprint' }] } },
    { query: { all: [{ id: 'p1', by: 'fingerprint' }] } },
    { query: { all }, groupBy: 'even' },
    { query: { all }, accuracy: 'auto' },
  ]) {
    const { status, body: problem } = await search(body)
    assert.deepEqual([status, problem.code], [400, 'INVALID_REQUEST'], JSON.stringify(body))
  }
})

test('a query without a radius, and a radius without a query, are refused', async () => {
  for (const body of [{ query: { vector: [1] } }, { radius: 3 }]) {
    const { status, body: problem } = await count(body)
    assert.deepEqual([status, problem.code], [400, 'INVALID_REQUEST'])
    assert.match(problem.detail, /^\/radius: expected/)
  }
})
