import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { HttpServerOptions } from '../../src/http/http-server.ts'
import { startServer, type TestServer } from '../support/http.ts'
import { head, RawClient } from '../support/raw-http.ts'
import { openService, type TestService } from '../support/service.ts'

const SHOP = 'https://shop.example'
const corsOrigins = [SHOP, 'http://localhost:3000']
const keys = [{ name: 'k', scope: 'write', secret: 's', collections: null }] as const

let service: TestService
const started: TestServer[] = []

before(async () => {
  service = await openService()
})

after(async () => {
  for (const { server } of started) await server.close()
  await service.close()
})

async function start(options: Partial<HttpServerOptions>): Promise<TestServer> {
  const server = await startServer(service.collections, options)
  started.push(server)
  return server
}

/** Sends what a browser would; `fetch` sets some of these headers itself. */
async function send(
  { port }: TestServer,
  method: string,
  headers: Record<string, string>,
  path = '/v1/collections',
): Promise<{ status: number; header: (name: string) => string | null }> {
  const client = new RawClient(port).send(head(method, path, headers))
  const text = String(await client.ended())
  return {
    status: Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]),
    header: (name) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(text)?.[1] ?? null,
  }
}

const preflight = (origin: string) => ({
  origin,
  'access-control-request-method': 'PUT',
  'access-control-request-headers': 'content-type,x-api-key',
  'sec-fetch-site': 'cross-site',
})

test('a page of a listed origin may ask what it may send, and send it', async () => {
  const server = await start({ corsOrigins, keys })
  const path = '/v1/collections/c/images/i'
  const asked = await send(server, 'OPTIONS', preflight(SHOP), path)
  assert.equal(asked.status, 204)
  assert.equal(asked.header('access-control-allow-origin'), SHOP)
  assert.equal(
    asked.header('access-control-allow-methods'),
    'DELETE, GET, HEAD, OPTIONS, PATCH, PUT',
  )
  const allowed = asked.header('access-control-allow-headers')?.toLowerCase().split(', ')
  for (const name of ['authorization', 'content-type', 'x-api-key', 'last-event-id', 'range']) {
    assert.ok(allowed?.includes(name), name)
  }
  assert.equal(asked.header('access-control-max-age'), '600')

  const headers = { origin: SHOP, 'sec-fetch-site': 'cross-site', 'x-api-key': 's' }
  const sent = await send(server, 'GET', headers)
  assert.deepEqual([sent.status, sent.header('access-control-allow-origin')], [200, SHOP])
  assert.match(sent.header('access-control-expose-headers') ?? '', /Retry-After, X-Request-Id/)
  assert.equal(sent.header('vary'), 'Origin')
})

test('it may read errors too', async () => {
  const server = await start({ corsOrigins, keys })
  const refused = await send(server, 'GET', { origin: SHOP })
  assert.deepEqual([refused.status, refused.header('access-control-allow-origin')], [401, SHOP])
  const unknown = await send(server, 'GET', { origin: SHOP }, '/nowhere')
  assert.deepEqual([unknown.status, unknown.header('access-control-allow-origin')], [404, SHOP])
})

test('it may call without a key where others may', async () => {
  const server = await start({ corsOrigins })
  const headers = { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }
  assert.equal((await send(server, 'GET', headers)).status, 200)
})

test('its host must be a loopback name all the same', async () => {
  const server = await start({ corsOrigins })
  const headers = { origin: SHOP, 'sec-fetch-site': 'cross-site', host: 'shop.example' }
  assert.equal((await send(server, 'GET', headers)).status, 403)
})

test('a page of another origin is refused, and reads nothing', async () => {
  const server = await start({ corsOrigins })
  const others = [
    'https://evil.example',
    'http://shop.example',
    `${SHOP}:8443`,
    'null',
    `${SHOP}.evil`,
  ]
  for (const origin of others) {
    const sent = await send(server, 'GET', { origin, 'sec-fetch-site': 'cross-site' })
    assert.deepEqual([sent.status, sent.header('access-control-allow-origin')], [403, null], origin)
    const asked = await send(server, 'OPTIONS', preflight(origin))
    assert.equal(asked.header('access-control-allow-origin'), null)
    assert.equal(asked.header('access-control-allow-methods'), null)
    assert.equal(asked.header('vary'), 'Origin')
  }
})

test('an image of a listed page, which has no Origin, is refused', async () => {
  const server = await start({ corsOrigins })
  assert.equal((await send(server, 'GET', { 'sec-fetch-site': 'cross-site' })).status, 403)
})

test('without a list no answer says anything of origins', async () => {
  const server = await start({ keys })
  for (const method of ['GET', 'OPTIONS']) {
    const sent = await send(server, method, { ...preflight(SHOP), 'x-api-key': 's' })
    for (const name of ['access-control-allow-origin', 'access-control-allow-methods', 'vary']) {
      assert.equal(sent.header(name), null, `${method} ${name}`)
    }
  }
})
