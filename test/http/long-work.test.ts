import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Collection } from '../../src/collection/collection.ts'
import type { CallOptions } from '../../src/collection/requests.ts'
import type { HttpServerOptions } from '../../src/http/http-server.ts'
import { call, startServer, type TestServer } from '../support/http.ts'
import { head, outcome, RawClient } from '../support/raw-http.ts'

const base = '/v1/collections/c'

/** Every call whose work may take long, with a body that it takes. */
const CALLS = [
  ['search', 'POST', `${base}/search`, { query: { vector: [1] }, filter: { a: 1 } }],
  ['page', 'GET', `${base}/images?filter=%7B%22a%22%3A1%7D`, null],
  ['deleteMany', 'POST', `${base}/images/delete`, { filter: { a: 1 } }],
  ['statistics', 'GET', `${base}/statistics`, null],
  ['countRecords', 'POST', `${base}/count`, { filter: { a: 1 } }],
  ['facets', 'POST', `${base}/facets`, { fields: ['a'] }],
  ['select', 'POST', `${base}/select`, { what: 'unusual' }],
  ['map', 'GET', `${base}/map`, null],
  ['duplicates', 'POST', `${base}/duplicates`, { by: 'embedding', radius: 1 }],
  ['suggestions', 'POST', `${base}/identities/suggestions`, {}],
  ['unknowns', 'POST', `${base}/identities/unknowns`, { radius: 1 }],
  ['reverseSearch', 'POST', `${base}/reverse-search`, { query: { vector: [1] }, k: 1 }],
  ['hubs', 'POST', `${base}/hubs`, { k: 1 }],
  ['eraseIdentity', 'DELETE', `${base}/identities/a`, null],
  ['searchIdentities', 'POST', `${base}/identities/search`, { query: { identity: 'a' } }],
] as const

type Work = (typeof CALLS)[number][0]

/** A collection whose work ends only when it is stopped. */
function endless() {
  const begun = new Map<string, () => void>()
  const ended: string[] = []
  const work =
    (name: Work) =>
    async (_: unknown, { signal }: CallOptions = {}): Promise<never> => {
      if (signal === undefined) throw new Error(`${name} got no signal`)
      begun.get(name)?.()
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true })
      })
      ended.push(name)
      throw new Error('as broken as work is that was stopped anywhere')
    }
  const collection = Object.fromEntries(CALLS.map(([name]) => [name, work(name)]))
  const identities = {
    review: collection,
    search: work('searchIdentities'),
    erase: work('eraseIdentity'),
  }
  const pairs = {
    reverseSearch: (_: unknown, signal: AbortSignal) => work('reverseSearch')(_, { signal }),
    hubs: (_: unknown, signal: AbortSignal) => work('hubs')(_, { signal }),
  }
  return {
    ended,
    collections: {
      get: () => ({ ...collection, identities, pairs }) as unknown as Collection,
    } as never,
    begins: (name: Work) => new Promise<void>((resolve) => begun.set(name, resolve)),
  }
}

async function served(
  t: TestContext,
  collections: never,
  limits: Partial<HttpServerOptions['limits']>,
): Promise<TestServer> {
  const server = await startServer(collections, {
    limits: { maxBodyBytes: 100_000, ...limits },
  })
  t.after(() => server.server.close())
  return server
}

for (const [name, method, path, body] of CALLS) {
  test(`a caller who hangs up ends ${name}`, async (t) => {
    const { collections, begins, ended } = endless()
    const server = await served(t, collections, {})
    const text = body === null ? '' : JSON.stringify(body)
    const type = body === null ? {} : { 'content-type': 'application/json' }
    const client = new RawClient(server.port)
    const begun = begins(name)
    client.send(head(method, path, { ...type, 'content-length': text.length })).send(text)
    await begun
    assert.deepEqual(ended, [])
    client.socket.destroy()
    while (ended.length === 0) await new Promise(setImmediate)
    assert.deepEqual(ended, [name])
  })

  test(`the deadline ends ${name}`, async (t) => {
    const { collections, ended } = endless()
    const server = await served(t, collections, { deadlineMs: 30 })
    const answer = await call(server, method, path, body ?? undefined)
    assert.deepEqual([answer.status, answer.body.code], [504, 'DEADLINE_EXCEEDED'])
    assert.deepEqual(ended, [name])
  })

  test(`a stop ends ${name}, with an answer`, async (t) => {
    const { collections, begins } = endless()
    const server = await served(t, collections, { closeTimeoutMs: 1000 })
    const begun = begins(name)
    const answer = call(server, method, path, body ?? undefined)
    await begun
    await server.server.close()
    const { status, body: problem } = await answer
    assert.deepEqual([status, problem.code], [503, 'SHUTTING_DOWN'])
  })
}

test('work that ends in time is answered as ever, and no timer is left', async (t) => {
  const collections = {
    get: () => ({ deleteMany: async () => 7 }),
  } as never
  const server = await served(t, collections, { deadlineMs: 1_000_000 })
  const { status, body } = await call(server, 'POST', `${base}/images/delete`, { ids: ['a'] })
  assert.deepEqual([status, body], [200, { deleted: 7 }])
  const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout')
  const again = await call(server, 'POST', `${base}/images/delete`, { ids: ['a'] })
  assert.equal(again.status, 200)
  const later = process.getActiveResourcesInfo().filter((name) => name === 'Timeout')
  assert.ok(later.length <= timers.length, `${later.length} timers after ${timers.length}`)
})

test('a query beyond the limits of the service is refused with the setting that says so', async (t) => {
  const { collections } = endless()
  const query = { maxK: 50, maxFilterConditions: 10 }
  const server = await served(t, collections, { query })
  const query1 = { query: { vector: [1] } }
  const large = { a: { $in: Array.from({ length: 11 }, (_, i) => i) } }
  const k = await call(server, 'POST', `${base}/search`, { ...query1, k: 51 })
  assert.deepEqual([k.status, k.body.code], [400, 'INVALID_REQUEST'])
  assert.match(k.body.detail, /\/k: .* 1 to 50 \(LOOKALIKE_MAX_K\), got 51/)
  const scroll = `${base}/images?filter=${encodeURIComponent(JSON.stringify(large))}`
  for (const [method, path, body] of [
    ['POST', `${base}/search`, { ...query1, filter: large }],
    ['POST', `${base}/images/delete`, { filter: large }],
    ['GET', scroll, undefined],
  ] as const) {
    const answer = await call(server, method, path, body)
    assert.deepEqual([answer.status, answer.body.code], [400, 'INVALID_FILTER'], path)
    assert.match(answer.body.detail, /at most 10 conditions/)
  }
  const form = new FormData()
  form.set('request', JSON.stringify({ filter: large }))
  form.set('image', new Blob([Uint8Array.of(1)]), 'a.png')
  const sent = await call(server, 'POST', `${base}/search`, form)
  assert.deepEqual([sent.status, sent.body.code], [400, 'INVALID_FILTER'])
  // Beyond what is read in place, so that the body thread reads it.
  const padded = { ...query1, k: 51, query: { positive: [{ id: 'x'.repeat(70_000) }] } }
  const elsewhere = await call(server, 'POST', `${base}/search`, { ...padded })
  assert.equal(elsewhere.status, 400)
  assert.match(elsewhere.body.detail, /LOOKALIKE_MAX_K/)
})

test('a filter of empty groups is refused, also in 3 MB, and nobody waits for it', async (t) => {
  const { collections } = endless()
  const server = await served(t, collections, { maxBodyBytes: 4_000_000 })
  for (const groups of [60_000, 1_000_000]) {
    const text = `{"query":{"vector":[1]},"filter":{"$and":[${Array(groups).fill('{}').join()}]}}`
    const client = new RawClient(server.port)
    const headers = { 'content-type': 'application/json', 'content-length': text.length }
    client.send(head('POST', `${base}/search`, headers)).send(text)
    assert.equal((await call(server, 'GET', '/livez')).status, 200)
    assert.deepEqual(outcome(await client.ended()), [400, 'INVALID_FILTER'], `${text.length} bytes`)
  }
})
