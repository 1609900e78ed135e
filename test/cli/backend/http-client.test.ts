import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { withRetries } from '../../../src/cli/backend/backend.ts'
import { HttpClient } from '../../../src/cli/backend/http-client.ts'
import { AppError } from '../../../src/errors.ts'

async function listen(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function failureOf(call: Promise<unknown>): Promise<AppError> {
  try {
    await call
  } catch (error) {
    assert.ok(error instanceof AppError, String(error))
    return error
  }
  assert.fail('the call was expected to fail')
}

const GET = { method: 'GET', path: ['v1', 'collections', 'a/b ü?'] } as const

test('path segments are encoded and the key is sent as a bearer token', async (t) => {
  const seen: unknown[] = []
  const url = await listen(t, (request, response) => {
    seen.push(request.url, request.headers.authorization)
    response.setHeader('content-type', 'application/json').end('{"ok":true}')
  })
  const client = new HttpClient({ url: `${url}/base/`, apiKey: 'secret', scope: 'read' })
  assert.deepEqual(await client.json(GET), { ok: true })
  assert.deepEqual(seen, ['/base/v1/collections/a%2Fb%20%C3%BC%3F', 'Bearer secret'])
})

test('a problem comes back as the error it was, with its issues and Retry-After', async (t) => {
  const url = await listen(t, (_, response) => {
    response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '7' })
    const errors = [{ path: '/k', message: 'too large' }]
    response.end(JSON.stringify({ code: 'QUEUE_FULL', detail: '64 images wait', errors }))
  })
  const error = await failureOf(new HttpClient({ url, apiKey: null, scope: 'read' }).json(GET))
  assert.equal(error.code, 'QUEUE_FULL')
  assert.equal(error.message, '64 images wait; /k: too large')
  assert.equal(error.retryAfterSeconds, 7)
})

test('an answer of something else than the service is SERVICE_UNREACHABLE', async (t) => {
  const url = await listen(t, (request, response) => {
    response.statusCode = request.url === '/v1/collections' ? 200 : 502
    response.end('<h1>proxy</h1>')
  })
  const client = new HttpClient({ url, apiKey: null, scope: 'read' })
  const bad = await failureOf(client.json(GET))
  assert.deepEqual([bad.code, /status 502/.test(bad.message)], ['SERVICE_UNREACHABLE', true])
  const page = await failureOf(client.json({ method: 'GET', path: ['v1', 'collections'] }))
  assert.deepEqual([page.code, /expected JSON/.test(page.message)], ['SERVICE_UNREACHABLE', true])
})

test('a redirect is not followed, so that the key stays with the service named', async (t) => {
  let reached = false
  const other = await listen(t, (_, response) => {
    reached = true
    response.end('{}')
  })
  const url = await listen(t, (_, response) => {
    response.writeHead(307, { location: other }).end()
  })
  const error = await failureOf(new HttpClient({ url, apiKey: 'secret', scope: 'read' }).json(GET))
  assert.equal(error.code, 'SERVICE_UNREACHABLE')
  assert.equal(reached, false)
})

test('a connection that breaks off within the answer is SERVICE_UNREACHABLE', async (t) => {
  const url = await listen(t, (_, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{', () => response.destroy())
  })
  const error = await failureOf(new HttpClient({ url, apiKey: null, scope: 'read' }).json(GET))
  assert.equal(error.code, 'SERVICE_UNREACHABLE')
})

test('no service at the address is SERVICE_UNREACHABLE with the reason', async (t) => {
  const url = await listen(t, () => {})
  const { port } = new URL(url)
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const free = (closed.address() as AddressInfo).port
  await new Promise((resolve) => closed.close(resolve))
  assert.notEqual(String(free), port)
  const client = new HttpClient({ url: `http://127.0.0.1:${free}`, apiKey: null, scope: 'read' })
  const error = await failureOf(client.json(GET))
  assert.equal(error.code, 'SERVICE_UNREACHABLE')
  assert.match(error.message, /ECONNREFUSED/)
})

for (const url of ['', 'localhost:8080', 'ftp://a', 'http://user:pass@a', 'http://a/?b=c']) {
  test(`the address ${JSON.stringify(url)} is refused`, () => {
    assert.throws(() => new HttpClient({ url, apiKey: null, scope: 'read' }), {
      code: 'INVALID_REQUEST',
    })
  })
}

test('a full queue is tried again until it takes the call', async () => {
  let calls = 0
  const answer = await withRetries(async () => {
    calls++
    if (calls < 3) throw new AppError('QUEUE_FULL', 'full', { retryAfterSeconds: 0 })
    return 'taken'
  })
  assert.deepEqual([answer, calls], ['taken', 3])
})

test('a call that never succeeds is tried ten times, another error once', async () => {
  let calls = 0
  const full = new AppError('NOT_READY', 'loading', { retryAfterSeconds: 0 })
  const failing = (error: AppError) => async () => {
    calls++
    throw error
  }
  assert.equal(await failureOf(withRetries(failing(full))), full)
  assert.equal(calls, 10)
  calls = 0
  await failureOf(withRetries(failing(new AppError('STORE_FAILED', 'disk full'))))
  assert.equal(calls, 1)
  await failureOf(
    withRetries(failing(new AppError('QUOTA_EXCEEDED', 'full', { retryAfterSeconds: 0 }))),
  )
  assert.equal(calls, 2)
})

test('stopping ends the wait for another try at once', async () => {
  const stop = new AbortController()
  const waiting = withRetries(async () => {
    queueMicrotask(() => stop.abort())
    throw new AppError('QUEUE_FULL', 'full', { retryAfterSeconds: 3600 })
  }, stop.signal)
  assert.equal((await failureOf(waiting)).code, 'CANCELLED')
})
