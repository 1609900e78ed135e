import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { checkExposure } from '../../src/http/admission/access.ts'
import { call, startServer, type TestServer } from '../support/http.ts'
import { head, outcome, RawClient } from '../support/raw-http.ts'
import { openService, type TestService } from '../support/service.ts'

let service: TestService
const started: TestServer[] = []
const keys = [
  { name: 'reader', scope: 'read', secret: 'r-secret', collections: null },
  { name: 'writer', scope: 'write', secret: 'w-secret', collections: null },
] as const

before(async () => {
  service = await openService()
  await service.collections.create({ name: 'c', dimensions: 2 })
})

after(async () => {
  for (const { server } of started) await server.close()
  await service.close()
})

async function start(options: Parameters<typeof startServer>[1]): Promise<TestServer> {
  const server = await startServer(service.collections, options)
  started.push(server)
  return server
}

const read = ['GET', '/v1/collections'] as const
const write = ['PUT', '/v1/collections/c', { dimensions: 2 }] as const
const search = ['POST', '/v1/collections/c/search', { query: { vector: [1, 2] } }] as const

test('a key of either header opens what its scope covers', async () => {
  const server = await start({ keys })
  const reader = { authorization: 'Bearer r-secret' }
  const writer = { 'x-api-key': 'w-secret' }
  assert.equal((await call(server, ...read, undefined, reader)).status, 200)
  assert.equal((await call(server, ...search, reader)).status, 200)
  assert.equal((await call(server, ...write, writer)).status, 200)
  assert.equal((await call(server, 'GET', '/metrics', undefined, reader)).status, 200)
  const refused = await call(server, ...write, reader)
  assert.deepEqual([refused.status, refused.body.code], [403, 'FORBIDDEN'])
  assert.match(refused.body.detail, /scope "write", got key "reader"/)
})

test('without a key, or with an unknown one, only health and docs are open', async () => {
  const server = await start({ keys })
  for (const headers of [{}, { authorization: 'Bearer no' }, { 'x-api-key': 'r-secre' }]) {
    for (const request of [read, search, write, ['GET', '/metrics'] as const]) {
      const [method, path, body] = request
      const {
        status,
        body: problem,
        headers: got,
      } = await call(server, method, path, body, headers)
      assert.deepEqual([status, problem.code], [401, 'UNAUTHENTICATED'], path)
      assert.match(got.get('www-authenticate') ?? '', /^Bearer/)
    }
  }
  for (const path of ['/livez', '/readyz', '/openapi.json', '/docs']) {
    assert.equal((await call(server, 'GET', path)).status, 200, path)
  }
})

test('anonymous access by name goes as far as its scope', async () => {
  const server = await start({ keys, anonymous: 'read' })
  assert.equal((await call(server, ...read)).status, 200)
  assert.equal((await call(server, ...write)).status, 401)
  assert.equal((await call(server, ...read, undefined, { 'x-api-key': 'no' })).status, 401)
  assert.equal((await call(server, ...write, { 'x-api-key': 'w-secret' })).status, 200)
})

test('a service without keys is not open to web pages of other origins', async () => {
  const server = await start({})
  assert.equal((await call(server, ...write)).status, 200)
  const own = { origin: server.origin }
  assert.equal((await call(server, ...write, own)).status, 200)
  const page = await call(server, ...write, { origin: 'http://evil.example' })
  assert.deepEqual([page.status, page.body.code], [403, 'FORBIDDEN'])
  const rebound = new RawClient(server.port)
  rebound.send(head('GET', '/v1/collections', { host: 'evil.example' }))
  assert.deepEqual(outcome(await rebound.ended()), [403, 'FORBIDDEN'])
})

test('a host beyond loopback needs a key, or anonymous access by name', () => {
  const open = { keys: [], anonymous: null }
  for (const host of ['127.0.0.1', '127.1.2.3', '::1', '[::1]', 'localhost']) {
    checkExposure({ ...open, host })
  }
  for (const host of ['0.0.0.0', '::', '192.168.1.2', 'example.com', 'localhost.example.com']) {
    assert.throws(() => checkExposure({ ...open, host }), { code: 'CONFIG_INVALID' }, host)
    checkExposure({ ...open, keys, host })
    checkExposure({ ...open, anonymous: 'read', host })
  }
})

test('a server refuses to listen for anyone', async () => {
  const server = await start({})
  const listening = server.server.listen({ host: '0.0.0.0', port: 0 })
  await assert.rejects(listening, { code: 'CONFIG_INVALID' })
})

test('the log names the key and the address of each request, and never a secret', async () => {
  const server = await start({ keys, anonymous: 'read' })
  await call(server, ...read, undefined, { 'x-api-key': 'r-secret' })
  await call(server, ...read, undefined, { authorization: 'Bearer x-secret' })
  await call(server, ...read)
  await call(server, ...write, { 'x-api-key': 'r-secret' })
  await call(server, 'GET', '/livez')
  const lines = server.log.filter(({ msg }) => msg === 'request')
  assert.deepEqual(
    lines.map(({ status, key, address }) => [status, key, address]),
    [
      [200, 'reader', '127.0.0.1'],
      [401, null, '127.0.0.1'],
      [200, null, '127.0.0.1'],
      [403, 'reader', '127.0.0.1'],
      [200, null, '127.0.0.1'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(server.log), /-secret/)
})

test('keys are replaced while the service runs', async () => {
  const server = await start({ keys })
  const statusOf = async (secret: string) =>
    (await call(server, ...read, undefined, { 'x-api-key': secret })).status
  const fresh = { name: 'fresh', scope: 'read', secret: 'f-secret', collections: null } as const
  server.server.replaceKeys([keys[1], fresh])
  assert.deepEqual(
    [await statusOf('r-secret'), await statusOf('w-secret'), await statusOf('f-secret')],
    [401, 200, 200],
  )
})

test('wrong keys are counted, and slowed without locking out a key that is known there', async () => {
  const server = await start({ keys })
  const ask = (secret: string) => call(server, ...read, undefined, { 'x-api-key': secret })
  assert.equal((await ask('r-secret')).status, 200)
  const guesses = Array.from({ length: 80 }, (_, i) => ask(`x-secret-${i}`))
  // Those that wait longest are refused first.
  const limited = await Promise.any(
    guesses.map(async (guess) => {
      const answer = await guess
      assert.equal(answer.status, 429)
      return answer
    }),
  )
  assert.equal(limited.body.code, 'RATE_LIMITED')
  assert.match(limited.headers.get('retry-after') ?? '', /^[56]$/)
  assert.equal((await ask('r-secret')).status, 200)
  const elsewhere = new RawClient(server.port, '127.0.0.2')
  elsewhere.send(head('GET', '/v1/collections', { 'x-api-key': 'w-secret' }))
  assert.deepEqual(outcome(await elsewhere.ended()), [200, undefined])
  const statuses = (await Promise.all(guesses)).map(({ status }) => status)
  assert.ok(statuses.filter((status) => status === 401).length >= 55, statuses.join())
  const { body } = await call(server, 'GET', '/metrics', undefined, { 'x-api-key': 'r-secret' })
  assert.match(Buffer.from(body).toString(), /^lookalike_http_wrong_keys_total 80$/m)
})

test('each key has its own rate and quota, and health has none', async () => {
  for (const [limits, code] of [
    [{ requestsPerMinute: 3 }, 'RATE_LIMITED'],
    [{ requestsPerDay: 3 }, 'QUOTA_EXCEEDED'],
  ] as const) {
    const server = await start({ keys, limits: { maxBodyBytes: 1e6, ...limits } })
    const ask = (secret: string) => call(server, ...read, undefined, { 'x-api-key': secret })
    for (let i = 0; i < 3; i++) assert.equal((await ask('r-secret')).status, 200)
    const refused = await ask('r-secret')
    assert.deepEqual([refused.status, refused.body.code], [429, code])
    assert.ok(Number(refused.headers.get('retry-after')) >= 1)
    assert.equal((await ask('w-secret')).status, 200)
    assert.equal((await call(server, 'GET', '/readyz')).status, 200)
  }
})

test('without a key each address has its own rate, as a trusted proxy alone may name it', async () => {
  const limits = { maxBodyBytes: 1e6, requestsPerMinute: 1 }
  const trusting = await start({ limits, trustedProxies: ['127.0.0.2', '10.0.0.0/8'] })
  const statusOf = async (from: string, forwarded: string) => {
    const headers = { 'x-forwarded-for': forwarded }
    const client = new RawClient(trusting.port, from).send(head('GET', '/v1/collections', headers))
    return outcome(await client.ended())[0]
  }
  assert.equal(await statusOf('127.0.0.2', '192.0.2.1'), 200)
  assert.equal(await statusOf('127.0.0.2', '192.0.2.1'), 429)
  // What stands before the address that the proxy saw, the caller wrote itself.
  assert.equal(await statusOf('127.0.0.2', '198.51.100.9, 192.0.2.1'), 429)
  assert.equal(await statusOf('127.0.0.2', '192.0.2.2, 10.1.2.3'), 200)
  assert.equal(await statusOf('127.0.0.3', '192.0.2.3'), 200)
  assert.equal(await statusOf('127.0.0.3', '192.0.2.4'), 429)
  const addresses = trusting.log
    .filter(({ msg }) => msg === 'request')
    .map(({ address }) => address)
  assert.deepEqual(addresses, [
    ...['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2', '127.0.0.3', '127.0.0.3'],
  ])
})
