import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { HttpServerOptions } from '../../src/http/http-server.ts'
import { call, startServer, type TestServer } from '../support/http.ts'
import { head, RawClient } from '../support/raw-http.ts'

/** A service whose searches end when they are told to. */
async function start(t: TestContext, deadlineMs: number) {
  const told: unknown[] = []
  const collection = {
    search: (_request: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          told.push(signal.reason)
          reject(signal.reason)
        })
      }),
    status: () => new Promise(() => undefined),
    // More than the kernel holds for a connection.
    content: async () => ({ mediaType: 'image/png', bytes: Buffer.alloc(64 * 1024 * 1024) }),
  }
  const collections = { get: () => collection } as unknown as HttpServerOptions['collections']
  const limits = { maxBodyBytes: 1e6, deadlineMs, requestTimeoutMs: 500 }
  const server = await startServer(collections, { limits })
  t.after(() => server.server.close())
  return { server, told }
}

function ask(server: TestServer) {
  return call(server, 'POST', '/v1/collections/c/search', { query: { vector: [1] }, k: 1 })
}

test('a search that takes longer than its deadline is 504, and told to stop', async (t) => {
  const { server, told } = await start(t, 100)
  const { status, body } = await ask(server)
  assert.deepEqual([status, body.code], [504, 'DEADLINE_EXCEEDED'])
  assert.match(body.detail, /within 0\.1 seconds/)
  assert.deepEqual(
    told.map((reason) => (reason as { code: string }).code),
    ['DEADLINE_EXCEEDED'],
  )
})

test('a call that nothing can stop is answered all the same', async (t) => {
  const { server } = await start(t, 100)
  const { status, body } = await call(server, 'GET', '/v1/collections/c')
  assert.deepEqual([status, body.code], [504, 'DEADLINE_EXCEEDED'])
})

test('work for a client that hung up is told to stop before the deadline', async (t) => {
  const { server, told } = await start(t, 600_000)
  const body = JSON.stringify({ query: { vector: [1] }, k: 1 })
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  const client = new RawClient(server.port)
  const arrived = new Promise((resolve) => server.server.app.server.once('request', resolve))
  client.send(head('POST', '/v1/collections/c/search', headers)).send(body)
  await arrived
  await call(server, 'GET', '/livez')
  client.socket.destroy()
  while (told.length === 0) await wait(10)
  assert.equal((told[0] as { code: string }).code, 'CANCELLED')
})

test('a client that does not read its answer is cut', async (t) => {
  const { server } = await start(t, 100)
  const path = '/v1/collections/c/images/x/content'
  const deaf = connect(server.port, '127.0.0.1')
  t.after(() => deaf.destroy())
  deaf.write(head('GET', path))
  const isOver = () => server.log.some((line) => line.msg === 'request' && line.path === path)
  while (!isOver()) await wait(20)
})
