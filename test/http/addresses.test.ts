import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { call, startServer, type TestServer } from '../support/http.ts'
import { head, outcome, RawClient } from '../support/raw-http.ts'
import { openService, type TestService } from '../support/service.ts'

let service: TestService
let server: TestServer
const base = '/v1/collections/points'

before(async () => {
  service = await openService()
  server = await startServer(service.collections)
  await call(server, 'PUT', base, { dimensions: 2 })
})

after(async () => {
  await server.server.close()
  await service.close()
})

/** Sends the letters of the address as bytes. */
async function sendRaw(path: string, encoding: 'utf8' | 'latin1') {
  const client = new RawClient(server.port)
  client.send(Buffer.from(head('GET', base + path), encoding))
  return await client.ended()
}

test('an address with letters that are not percent-encoded is refused, with the cure', async () => {
  for (const path of ['/images/café', '/images?filter={"a":"café"}']) {
    for (const encoding of ['utf8', 'latin1'] as const) {
      const answer = await sendRaw(path, encoding)
      assert.deepEqual(outcome(answer), [400, 'INVALID_REQUEST'], path)
      assert.match(answer, /percent-encoded as UTF-8/)
    }
  }
})

test('a query whose escapes are not UTF-8 is refused: it would be read as other text', async () => {
  for (const query of ['filter={%22a%22:%22caf%E9%22}', 'filter={}%', 'cursor=%zz', '%E9=1']) {
    const answer = await call(server, 'GET', `${base}/images?${query}`)
    assert.deepEqual([answer.status, answer.body.code], [400, 'INVALID_REQUEST'], query)
    assert.match(answer.body.detail, /percent-encoded as UTF-8/)
  }
})

test('escapes of UTF-8 in path and query are the letters they stand for', async () => {
  const points = [{ id: 'café/😀', vector: [1, 2], metadata: { a: 'Zürich +%' } }]
  await call(server, 'POST', `${base}/vectors`, { points })
  const path = `${base}/images/${encodeURIComponent('café/😀')}`
  assert.equal((await call(server, 'GET', path)).body.id, 'café/😀')
  const filter = encodeURIComponent('{"a":"Zürich +%"}')
  const page = await call(server, 'GET', `${base}/images?filter=${filter}`)
  assert.equal(page.body.records.length, 1)
})
