import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { HttpServerOptions } from '../../src/http/http-server.ts'
import { startServer, type TestServer } from '../support/http.ts'
import { head, outcome, RawClient } from '../support/raw-http.ts'
import { openService, type TestService } from '../support/service.ts'

let service: TestService
const started: TestServer[] = []

before(async () => {
  service = await openService()
  await service.collections.create({ name: 'c', dimensions: 2 })
})

after(async () => {
  for (const { server } of started) await server.close()
  await service.close()
})

async function start(options: Partial<HttpServerOptions> = {}): Promise<TestServer> {
  const server = await startServer(service.collections, options)
  started.push(server)
  return server
}

/** What a browser would send; fetch sets some of these headers itself. */
async function statusOf(
  { port }: TestServer,
  headers: Record<string, string>,
  path = '/v1/collections',
): Promise<number> {
  const client = new RawClient(port).send(head('GET', path, headers))
  return outcome(await client.ended())[0]
}

test('what a page of another origin asks for is refused, images and scripts too', async () => {
  for (const anonymous of [null, 'read', 'write'] as const) {
    const server = await start({ anonymous })
    for (const site of ['cross-site', 'same-site', 'same-origin, cross-site', '']) {
      assert.equal(await statusOf(server, { 'sec-fetch-site': site }), 403, site)
    }
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${server.port + 1}`]) {
      assert.equal(await statusOf(server, { origin }), 403, origin)
    }
  }
})

test('what the user types, a page of its own, and programs are served', async () => {
  const server = await start()
  const host = `localhost:${server.port}`
  for (const headers of [
    {},
    { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
    { 'sec-fetch-site': 'same-origin', host, origin: `http://${host}` },
  ]) {
    assert.equal(await statusOf(server, headers), 200)
  }
})

test('a page with a key is served', async () => {
  const keys = [{ name: 'k', scope: 'read', secret: 's', collections: null }] as const
  const server = await start({ keys })
  const headers = { 'x-api-key': 's', 'sec-fetch-site': 'cross-site', host: 'shop.example' }
  assert.equal(await statusOf(server, headers), 200)
})

test('on loopback a name that was made to point here is refused, whatever calls without a key may', async () => {
  for (const anonymous of [null, 'read', 'write'] as const) {
    const server = await start({ anonymous })
    for (const host of [
      'evil.example',
      'evil.example:8080',
      'localhost.evil.example',
      '10.0.0.1',
      '127.0.0.1.evil.example',
    ]) {
      assert.equal(await statusOf(server, { host }), 403, host)
    }
    for (const host of ['127.0.0.1', '127.9.9.9:80', 'LOCALHOST', '[::1]:8080', 'localhost:']) {
      assert.equal(await statusOf(server, { host }), 200, host)
    }
  }
})

test('hosts that are allowed by name pass, others not', async () => {
  const server = await start({ anonymous: 'read', allowedHosts: ['shop.example'] })
  for (const host of ['shop.example', 'Shop.Example:8443', 'localhost']) {
    assert.equal(await statusOf(server, { host }), 200, host)
  }
  assert.equal(await statusOf(server, { host: 'evil.example' }), 403)
})

test('every answer keeps other origins from embedding it, and pages from being framed', async () => {
  const server = await start()
  for (const path of [
    '/v1/collections',
    '/livez',
    '/docs',
    '/docs/static/index.css',
    '/nope',
    '/docs/static/nope',
    '/v1/%zz',
  ]) {
    const response = await fetch(server.origin + path)
    await response.arrayBuffer()
    const { headers } = response
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin', path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/, path)
    assert.equal(headers.get('access-control-allow-origin'), null, path)
  }
})

test('the page of the documentation has no script that its policy forbids', async () => {
  const server = await start()
  const response = await fetch(`${server.origin}/docs`)
  const policy = response.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'; script-src 'self';/)
  const page = await response.text()
  assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)/)
  assert.doesNotMatch(page, /\son\w+=/)
})

test('no path of the documentation leads out of its files, or to a failure of ours', async () => {
  const server = await start()
  for (const path of [
    ...['/docs/static/../../package.json', '/docs/static/%2e%2e/%2e%2e/package.json'],
    ...['/docs/static/..%2f..%2fpackage.json', '/docs/static/..%5c..%5cpackage.json'],
    ...['/docs/static//index.css', '/docs/static/./index.css', '/docs/static/INDEX.css'],
    ...['/docs/static/index.css/', '/docs/static/index.css/x', '/docs/static/..', '/docs/..'],
    ...['/docs/static/%00', `/docs/static/${'x'.repeat(5000)}`],
  ]) {
    assert.equal(await statusOf(server, {}, path), 404, path.slice(0, 60))
  }
  assert.equal(await statusOf(server, {}, '/docs/static/%zz'), 400)
  for (const headers of [{ range: 'bytes=999999999-' }, { 'if-match': '"other"' }]) {
    const status = await statusOf(server, headers, '/docs/static/index.css')
    assert.equal(status, 400, JSON.stringify(headers))
  }
  assert.deepEqual(
    server.log.filter(({ msg }) => msg === 'request failed'),
    [],
  )
})

test('a header that must come once is refused when it comes twice', async () => {
  const server = await start()
  const base = 'GET /v1/collections HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n'
  for (const more of [
    'Host: evil.example',
    'host: 127.0.0.1',
    'Authorization: Bearer a\r\nAuthorization: Bearer b',
    'Content-Type: a/b\r\nContent-Type: application/json',
    'Content-Length: 1\r\nContent-Length: 1',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  ]) {
    const client = new RawClient(server.port).send(`${base}${more}\r\n\r\n`)
    assert.deepEqual(outcome(await client.until('"code"')), [400, 'INVALID_REQUEST'], more)
    client.socket.destroy()
  }
})
