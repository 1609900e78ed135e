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

test('a query without a radius, and a radius without a query, are refused', async () => {
  for (const body of [{ query: { vector: [1] } }, { radius: 3 }]) {
    const { status, body: problem } = await count(body)
    assert.deepEqual([status, problem.code], [400, 'INVALID_REQUEST'])
    assert.match(problem.detail, /^\/radius: expected/)
  }
})
