import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

let service: TestService
let server: TestServer
const base = '/v1/collections/line'

/** On a line at 1, 2, … 60; two of each of the kinds k0 to k29. */
const POINTS = Array.from({ length: 60 }, (_, i) => ({
  id: `p${i}`,
  vector: [i + 1],
  metadata: { kind: `k${i >> 1}` },
}))

before(async () => {
  service = await openService()
  server = await startServer(service.collections)
  for (const name of ['line', 'other']) {
    const path = `/v1/collections/${name}`
    assert.equal((await send('PUT', path, { dimensions: 1, metric: 'euclidean' })).status, 201)
    assert.equal((await send('POST', `${path}/vectors`, { points: POINTS })).status, 200)
  }
})

after(async () => {
  await server.server.close()
  await service.close()
})

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  return call(server, method, path, body)
}

const search = (body: object, path = base) => send('POST', `${path}/search`, body)
const groupsOf = ({ body }: Answer) => body.matches.map((match: { group: string }) => match.group)
const groups = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `k${from + i}`)

test('groups within a radius and without k are all of them', async () => {
  const found = await search({ query: { vector: [0.5] }, radius: 49.5, groupBy: 'kind' })
  assert.deepEqual(groupsOf(found), groups(0, 25))
  assert.deepEqual([found.body.complete, found.body.cursor], [true, null])
})

test('groups without k and radius are the ten nearest', async () => {
  const found = await search({ query: { vector: [0.5] }, groupBy: 'kind' })
  assert.deepEqual(groupsOf(found), groups(0, 10))
  assert.equal(found.body.complete, true)
})

test('a limit counts the matches of groups and says that it cut them', async () => {
  const query = { query: { vector: [0.5] }, radius: 100, groupBy: 'kind', groupSize: 2 }
  const cut = await search({ ...query, limit: 59 })
  assert.deepEqual([cut.body.matches.length, cut.body.complete], [59, false])
  const whole = await search({ ...query, limit: 60 })
  assert.deepEqual([whole.body.matches.length, whole.body.complete], [60, true])
  assert.deepEqual(whole.body.matches.slice(0, 59), cut.body.matches)
})

test('pages of groups are the pieces of the whole answer, also under a filter', async () => {
  const filter = { kind: { $nin: ['k1', 'k4'] } }
  for (const wanted of [{ radius: 100 }, { k: 7 }, { k: 7, filter }, { radius: 30, filter }]) {
    for (const groupSize of [1, 2]) {
      const query = { query: { vector: [20.5] }, groupBy: 'kind', groupSize, ...wanted }
      const whole = await search({ ...query, limit: 1000 })
      const found: unknown[] = []
      let cursor: string | null = null
      do {
        const { status, body }: Answer = await search({ ...query, limit: 4, cursor })
        assert.equal(status, 200)
        assert.equal(body.complete, body.cursor === null)
        found.push(...body.matches)
        cursor = body.cursor
      } while (cursor !== null)
      assert.deepEqual(found, whole.body.matches, JSON.stringify(query))
    }
  }
})

test('a cursor of groups belongs to one request', async () => {
  const query = { query: { vector: [0.5] }, radius: 100, groupBy: 'kind' }
  const { cursor } = (await search({ ...query, limit: 1 })).body
  for (const other of [{ groupSize: 2 }, { radius: 99 }, { cursor: 'bogus' }]) {
    const { status, body } = await search({ ...query, cursor, ...other })
    assert.deepEqual([status, body.code], [400, 'INVALID_CURSOR'])
  }
})

test('a cursor belongs to the collection it came from', async () => {
  const query = { query: { vector: [0.5] }, radius: 100, limit: 1 }
  const { cursor } = (await search(query)).body
  assert.equal((await search({ ...query, cursor })).status, 200)
  const { status, body } = await search({ ...query, cursor }, '/v1/collections/other')
  assert.deepEqual([status, body.code], [400, 'INVALID_CURSOR'])
})

test('a cursor belongs to the records that are left out', async () => {
  const { cursor } = (await search({ query: { vector: [1] }, radius: 100, limit: 1 })).body
  const { status, body } = await search({ query: { id: 'p0' }, radius: 100, limit: 1, cursor })
  assert.deepEqual([status, body.code], [400, 'INVALID_CURSOR'])
})
