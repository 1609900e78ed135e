import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, call, startServer, type TestServer } from '../support/http.ts'
import { head, outcome, RawClient } from '../support/raw-http.ts'
import { openService, type TestService } from '../support/service.ts'

const MEBIBYTE = 1024 * 1024
const LARGEST = 32 * MEBIBYTE
const AT_ONCE_MS = 10_000
const vectors = '/v1/collections/c/vectors'
const search = '/v1/collections/c/search'
const json = { 'content-type': 'application/json' }
const keys = [
  { name: 'reader', scope: 'read', secret: 'r-secret', collections: null },
  { name: 'writer', scope: 'write', secret: 'w-secret', collections: null },
  { name: 'other', scope: 'write', secret: 'o-secret', collections: null },
] as const
const reader = { 'x-api-key': 'r-secret' }
const writer = { 'x-api-key': 'w-secret' }
const other = { 'x-api-key': 'o-secret' }

let service: TestService

before(async () => {
  service = await openService()
  await service.collections.create({ name: 'c', dimensions: 2, metric: 'euclidean' })
})

after(() => service.close())

async function start(
  t: TestContext,
  options: Parameters<typeof startServer>[1] = {},
): Promise<TestServer> {
  const limits = { maxBodyBytes: LARGEST, ...options.limits }
  const server = await startServer(service.collections, { keys, ...options, limits })
  t.after(() => server.server.close())
  return server
}

/** Eight connections that send the same. They are cut after the test. */
function eight(t: TestContext, server: TestServer, ...sent: readonly string[]): RawClient[] {
  const clients = Array.from({ length: 8 }, () => {
    const client = new RawClient(server.port)
    for (const piece of sent) client.send(piece)
    return client
  })
  t.after(() => {
    for (const client of clients) client.socket.destroy()
  })
  return clients
}

/** Asserts that others are served, none of it slowly. The bound is generous: only a lock-out lasts so long. */
async function assertOthersAreServed(server: TestServer, mine: Record<string, string> = writer) {
  const started = performance.now()
  const points = [{ id: 'x', vector: [1, 2] }]
  const answers = [
    await call(server, 'POST', vectors, { points }, mine),
    await call(server, 'POST', search, { query: { vector: [1, 2] } }, mine),
    await call(server, 'PUT', '/v1/collections/c', { dimensions: 2, metric: 'euclidean' }, mine),
  ]
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  )
  const took = performance.now() - started
  assert.ok(took < AT_ONCE_MS, `took ${took} ms`)
}

const announced = { 'content-length': LARGEST, connection: 'keep-alive' }

for (const [what, method, path, headers, expected] of [
  ['an unknown call', 'POST', '/nope', {}, [404, 'ROUTE_NOT_FOUND']],
  ['an unknown call with a key', 'PUT', '/v1/nope', writer, [404, 'ROUTE_NOT_FOUND']],
  ['a call without a key', 'POST', vectors, json, [401, 'UNAUTHENTICATED']],
  [
    'a call with a wrong key',
    'POST',
    search,
    { ...json, 'x-api-key': 'no' },
    [401, 'UNAUTHENTICATED'],
  ],
  ['a call with too small a key', 'POST', vectors, { ...json, ...reader }, [403, 'FORBIDDEN']],
  ['a call that takes no body', 'GET', '/livez', {}, [413, 'BODY_TOO_LARGE']],
] as const) {
  test(`${what} is refused before its announced body arrives, and locks nobody out`, async (t) => {
    const server = await start(t)
    const clients = eight(t, server, head(method, path, { ...announced, ...headers }), 'x')
    for (const client of clients) {
      assert.deepEqual(outcome(await client.until('"code"')), expected)
    }
    await assertOthersAreServed(server)
  })
}

test('a client that waits to be asked for its body is asked where it is let in alone', async (t) => {
  const server = await start(t)
  const waiting = { ...json, 'content-length': 2, expect: '100-continue' }
  const refused = new RawClient(server.port).send(head('POST', search, waiting))
  assert.match(await refused.ended(), /^HTTP\/1\.1 401 /)
  const allowed = new RawClient(server.port).send(head('POST', search, { ...waiting, ...reader }))
  assert.match(await allowed.until('\r\n\r\n'), /^HTTP\/1\.1 100 Continue\r\n\r\n$/)
  assert.match(await allowed.send('{}').ended(), /HTTP\/1\.1 400 /)
})

test('bodies that announce the most and send one byte lock nobody out', async (t) => {
  const server = await start(t)
  eight(t, server, head('POST', search, { ...announced, ...json, ...reader }), '{')
  await wait(100)
  await assertOthersAreServed(server)
})

test('chunked bodies of one byte lock nobody out', async (t) => {
  const server = await start(t)
  const chunked = { ...json, ...reader, 'transfer-encoding': 'chunked' }
  eight(t, server, head('POST', search, chunked), '1\r\n{\r\n')
  await wait(100)
  await assertOthersAreServed(server)
})

test('forms and files of one byte lock nobody out', async (t) => {
  const server = await start(t)
  const form = { 'content-type': 'multipart/form-data; boundary=b', ...reader, ...announced }
  eight(t, server, head('POST', search, form), '--b\r\n')
  const file = { 'content-type': 'image/png', ...writer, ...announced }
  eight(t, server, head('PUT', '/v1/collections/c/images/x', file), 'x')
  await wait(100)
  await assertOthersAreServed(server, other)
})

/** Sends `count` bodies of `bytes` and holds the last byte of each back. */
async function fill(
  t: TestContext,
  server: TestServer,
  from: string,
  count: number,
  bytes: number,
) {
  const headers = { ...json, 'content-length': bytes, ...reader, connection: 'keep-alive' }
  const clients = Array.from({ length: count }, () => {
    const client = new RawClient(server.port, from).send(head('POST', search, headers))
    return client.send(' '.repeat(bytes - 1))
  })
  t.after(() => {
    for (const client of clients) client.socket.destroy()
  })
  return clients
}

async function statusesOf(clients: readonly RawClient[], count: number): Promise<number[]> {
  const answered: number[] = []
  for (const client of clients) {
    client.until('"code"').then((received) => answered.push(outcome(received)[0]))
  }
  while (answered.length < count) await wait(20)
  return answered
}

test('a caller that really sends all it can gets half of the memory, and others the rest', async (t) => {
  const server = await start(t, { limits: { maxBodyBytes: MEBIBYTE } })
  // Seven of the eight MiB are for large bodies, so four of one MiB do not fit into half of them.
  const clients = await fill(t, server, '127.0.0.1', 8, MEBIBYTE)
  assert.deepEqual(await statusesOf(clients, 5), [503, 503, 503, 503, 503])
  await assertOthersAreServed(server)
  const text = 'x'.repeat(60_000)
  const points = Array.from({ length: 10 }, (_, i) => ({
    id: `${i}`,
    vector: [1, 2],
    metadata: { text },
  }))
  assert.equal((await call(server, 'POST', vectors, { points }, writer)).status, 200)
})

test('without keys, each address has its own share', async (t) => {
  const server = await start(t, { keys: [], limits: { maxBodyBytes: MEBIBYTE } })
  const clients = await fill(t, server, '127.0.0.2', 8, MEBIBYTE)
  assert.deepEqual(await statusesOf(clients, 5), [503, 503, 503, 503, 503])
  await assertOthersAreServed(server, {})
  const large = await fill(t, server, '127.0.0.1', 1, MEBIBYTE)
  large[0]!.send('x')
  assert.deepEqual(outcome(await large[0]!.until('"code"')), [400, 'INVALID_REQUEST'])
})

test('what a caller held is free again when it hangs up', async (t) => {
  const server = await start(t, { limits: { maxBodyBytes: MEBIBYTE } })
  const clients = await fill(t, server, '127.0.0.1', 8, MEBIBYTE)
  await statusesOf(clients, 5)
  for (const client of clients) client.socket.destroy()
  const again = async (): Promise<Answer> => {
    const body = { query: { vector: [1, 2] }, filter: { a: { $in: ['x'.repeat(900_000)] } } }
    return await call(server, 'POST', search, body, reader)
  }
  let answer = await again()
  while (answer.status === 503) answer = await again()
  assert.equal(answer.status, 200)
})
