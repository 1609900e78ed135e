import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { call, startServer, type TestServer } from '../support/http.ts'
import { head, outcome, RawClient } from '../support/raw-http.ts'

let server: TestServer

before(async () => {
  server = await startServer({ get: () => assert.fail('no call may be reached') } as never)
})

after(() => server.server.close())

test('another method of a path that has calls is 405, with those that it has', async () => {
  for (const [method, path, allow] of [
    ['PATCH', '/v1/collections', 'GET, HEAD, OPTIONS'],
    ['POST', '/v1/collections/c/images/a.b', 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'],
    ['GET', '/v1/collections/c/search', 'OPTIONS, POST'],
    ['DELETE', '/livez', 'GET, HEAD, OPTIONS'],
  ] as const) {
    const { status, headers, body } = await call(server, method, path)
    assert.deepEqual(
      [status, headers.get('allow'), body.code],
      [405, allow, 'METHOD_NOT_ALLOWED'],
      path,
    )
    assert.match(body.detail, new RegExp(`got ${method}`))
  }
})

test('a method that few know, without a content type, is 405 too', async () => {
  const client = new RawClient(server.port)
  client.send(head('QUERY', '/v1/collections/c/search', { 'content-length': 2 })).send('{}')
  assert.deepEqual(outcome(await client.ended()), [405, 'METHOD_NOT_ALLOWED'])
})

test('OPTIONS is answered with the methods of the path', async () => {
  const answer = await fetch(`${server.origin}/v1/collections/c/search`, { method: 'OPTIONS' })
  assert.deepEqual([answer.status, answer.headers.get('allow')], [204, 'OPTIONS, POST'])
  assert.equal(await answer.text(), '')
})

test('a path without a call is 404, whatever the method', async () => {
  for (const method of ['GET', 'OPTIONS', 'POST']) {
    const answer = await fetch(`${server.origin}/v1/collections/c/d/e`, { method })
    assert.deepEqual([answer.status, answer.headers.get('allow')], [404, null], method)
  }
})

test('an encoded body is refused with what to send', async () => {
  const answer = await fetch(`${server.origin}/v1/collections/c/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: '{}',
  })
  assert.equal(answer.status, 415)
  assert.equal(answer.headers.get('accept-encoding'), 'identity')
  const { detail } = (await answer.json()) as { detail: string }
  assert.match(detail, /without Content-Encoding, got "gzip"/)
})

test('the start says where to go, and infinity’s health call whether the service is ready', async () => {
  const start = await call(server, 'GET', '/')
  assert.equal(start.status, 200)
  for (const path of [start.body.documentation, start.body.openapi, start.body.ready]) {
    assert.equal((await fetch(`${server.origin}${path}`)).status, 200, path)
  }
  for (const path of ['/health', '/v1/health']) {
    const { status, body } = await call(server, 'GET', path)
    assert.deepEqual([status, body.ready], [200, true], path)
    assert.ok(Math.abs(body.unix - Date.now() / 1000) < 60)
  }
})

test('clients of OpenAI’s API are told in their shape that a path is not there', async () => {
  for (const path of ['/v1/chat/completions', '/embeddings', '/v1/rerank']) {
    const { status, body } = await call(server, 'POST', path, {})
    assert.deepEqual([status, body.error.code], [404, 'ROUTE_NOT_FOUND'], path)
  }
})
