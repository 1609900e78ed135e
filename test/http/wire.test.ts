import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import sharp from 'sharp'
import type { HttpServerOptions } from '../../src/http/http-server.ts'
import { type Answer, call, startServer, type TestServer } from '../support/http.ts'
import { head, outcome, RawClient } from '../support/raw-http.ts'
import { openService, type TestService } from '../support/service.ts'

let service: TestService
let server: TestServer
const MAX = 100_000
const vectors = '/v1/collections/v/vectors'
const json = { 'content-type': 'application/json' }

before(async () => {
  service = await openService()
  server = await startServer(service.collections, { limits: { maxBodyBytes: MAX } })
  await call(server, 'PUT', '/v1/collections/v', { dimensions: 2 })
})

after(async () => {
  await server.server.close()
  await service.close()
})

/** Another server on the same service, closed after the test. */
async function another(
  t: TestContext,
  limits: Partial<HttpServerOptions['limits']> = {},
): Promise<TestServer> {
  const started = await startServer(service.collections, {
    limits: { maxBodyBytes: MAX, ...limits },
  })
  t.after(() => started.server.close())
  return started
}

test('a body over the limit is refused by its length, before it is sent', async () => {
  const client = new RawClient(server.port)
  client.send(head('POST', vectors, { ...json, 'content-length': MAX + 1 }))
  assert.deepEqual(outcome(await client.until('"code"')), [413, 'BODY_TOO_LARGE'])
  client.socket.destroy()
})

test('a body over the limit is refused when it gives no length', async () => {
  for (const type of ['application/json', 'multipart/form-data; boundary=b']) {
    const client = new RawClient(server.port)
    const path = type === 'application/json' ? vectors : '/v1/collections/v/search'
    client.send(head('POST', path, { 'content-type': type, 'transfer-encoding': 'chunked' }))
    const start = '--b\r\ncontent-disposition: form-data; name="image"; filename="x"\r\n\r\n'
    const body = start + ' '.repeat(MAX)
    client.send(`${body.length.toString(16)}\r\n${body}\r\n`)
    client.send(`${MAX.toString(16)}\r\n${' '.repeat(MAX)}\r\n`)
    assert.deepEqual(outcome(await client.until('"code"')), [413, 'BODY_TOO_LARGE'], type)
    client.socket.destroy()
  }
})

/** What was sent on another connection may not have arrived yet. */
async function until503(request: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await request()
    if (answer.status === 503) return answer
  }
}

test('bodies that do not fit beside each other are refused at once', async (t) => {
  const small = await another(t, { maxBodyBytesInFlight: MAX })
  const first = new RawClient(small.port)
  const half = MAX * 0.4
  first.send(head('POST', vectors, { ...json, 'content-length': half })).send('x'.repeat(half - 1))
  const second = await until503(() => {
    const points = [{ id: 'x', vector: [1, 2], metadata: { text: 'x'.repeat(half) } }]
    return call(small, 'POST', vectors, { points })
  })
  assert.equal(second.body.code, 'QUEUE_FULL')
  assert.equal(second.headers.get('retry-after'), '1')
  first.send('x')
  assert.deepEqual(outcome(await first.ended()), [400, 'INVALID_REQUEST'])
  const third = await call(small, 'POST', vectors, { points: [{ id: 'x', vector: [1, 2] }] })
  assert.equal(third.status, 200)
})

test('a client that is too slow with its head or its body is cut with 408', async (t) => {
  const quick = await another(t, { requestTimeoutMs: 300 })
  const body = new RawClient(quick.port)
  body.send(head('POST', vectors, { ...json, 'content-length': 1000 })).send('{"points"')
  const start = new RawClient(quick.port).send('POST /v1/coll')
  assert.deepEqual(outcome(await body.ended()), [408, 'REQUEST_TIMEOUT'])
  assert.deepEqual(outcome(await start.ended()), [408, 'REQUEST_TIMEOUT'])
})

test('what is not HTTP, or has a head of 1 MB, is answered and cut', async () => {
  const odd = new RawClient(server.port).send('hello\r\n\r\n')
  assert.deepEqual(outcome(await odd.ended()), [400, 'INVALID_REQUEST'])
  const long = new RawClient(server.port)
  long.send(`GET /v1/collections/v/images/${'x'.repeat(1_000_000)} HTTP/1.1\r\n`)
  assert.deepEqual(outcome(await long.until('"code"')), [431, 'HEADERS_TOO_LARGE'])
  long.socket.destroy()
})

test('a truncated multipart body is 400', async () => {
  const part = '--b\r\ncontent-disposition: form-data; name="image"; filename="x"\r\n\r\nabc'
  for (const body of [part, `${part}\r\n--b\r\nconte`, '--c--', 'x']) {
    const client = new RawClient(server.port)
    const headers = {
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': body.length,
    }
    client.send(head('POST', '/v1/collections/v/search', headers)).send(body)
    assert.deepEqual(outcome(await client.ended()), [400, 'INVALID_REQUEST'], body)
  }
  const client = new RawClient(server.port)
  const none = { 'content-type': 'multipart/form-data', 'content-length': 1 }
  client.send(head('POST', '/v1/collections/v/search', none)).send('x')
  assert.deepEqual(outcome(await client.ended()), [400, 'INVALID_REQUEST'])
})

test('a client that hangs up has its image neither embedded nor stored', async () => {
  await call(server, 'PUT', '/v1/collections/i', {})
  const image = await sharp({
    create: { width: 9, height: 9, channels: 3, background: 'red' },
  })
    .png()
    .toBuffer()
  const headers = { 'content-type': 'image/png', 'content-length': image.byteLength }
  const path = '/v1/collections/i/images/left'
  const client = new RawClient(server.port)
  // The model starts with the first image, which takes far longer than noticing the hang-up.
  const arrived = new Promise((resolve) => server.server.app.server.once('request', resolve))
  client.send(head('PUT', path, headers)).send(image)
  await arrived
  client.socket.destroy()
  const next = await call(server, 'PUT', '/v1/collections/i/images/next', new Uint8Array(image), {
    'content-type': 'image/png',
  })
  assert.equal(next.status, 201)
  assert.equal((await call(server, 'GET', path)).status, 404)
  assert.equal((await call(server, 'GET', '/v1/collections/i')).body.count, 1)
  const line = server.log.find((entry) => entry.path === path)
  assert.equal(line?.status, null)
})

test('closing lets an accepted request finish and refuses a new one', async (t) => {
  const closing = await another(t)
  const body = JSON.stringify({ points: [{ id: 'late', vector: [1, 2] }] })
  const keep = { connection: 'keep-alive' }
  const accepted = new RawClient(closing.port)
  const length = { 'content-length': body.length, expect: '100-continue' }
  accepted.send(head('POST', vectors, { ...json, ...keep, ...length }))
  await accepted.until('100 Continue')
  const late = new RawClient(closing.port)
  late.send(head('GET', '/livez', keep))
  await late.until('"live"')
  late.send('GET /livez HTTP/1.1\r\nhost: 127')
  // The server has read the start of that head once it has answered another request.
  await call(closing, 'GET', '/livez')
  const closed = closing.server.close()
  late.send('.0.0.1\r\n\r\n')
  assert.match((await late.ended()).split('"live"')[1] ?? '', /503 .*SHUTTING_DOWN/s)
  accepted.send(body)
  const answer = await accepted.ended()
  assert.match(answer, /HTTP\/1.1 200 OK/)
  assert.match(answer, /connection: close/i)
  await closed
  await assert.rejects(fetch(`${closing.origin}/livez`))
})

test('closing cuts a request that does not end', async (t) => {
  const closing = await another(t, { closeTimeoutMs: 50 })
  const stuck = new RawClient(closing.port)
  stuck.send(head('POST', vectors, { ...json, 'content-length': 10, expect: '100-continue' }))
  await stuck.until('100 Continue')
  await closing.server.close()
  await stuck.ended()
})
