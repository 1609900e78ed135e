import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

const path = '/v1/collections/people'
let service: TestService
let server: TestServer

before(async () => {
  service = await openService()
  server = await startServer(service.collections, { jobs: service.jobs })
  await send('PUT', path, { dimensions: 2, metric: 'euclidean', identityField: 'who' })
  const points = ['ann', 'bob', 7, '7', true].map((who, i) => {
    return { id: `r${i}`, vector: [i, 1], metadata: { who } }
  })
  await send('POST', `${path}/vectors`, { points })
})

after(async () => {
  await server.server.close()
  await service.close()
})

function send(method: string, at: string, body?: unknown): Promise<Answer> {
  return call(server, method, at, body)
}

test('that two are not the same is kept, in either order, and once', async () => {
  const { status, body } = await send('POST', `${path}/identities/differ`, { a: 'bob', b: 'ann' })
  assert.deepEqual([status, body], [200, { change: 1, records: 0 }])
  const again = await send('POST', `${path}/identities/differ`, { a: 'ann', b: 'bob' })
  assert.deepEqual(again.body, { change: null, records: 0 })
  const differences = await service.collections.get('people').identities.curation.differences()
  assert.ok(differences.has('ann', 'bob') && differences.has('bob', 'ann'))
  assert.ok(!differences.has('ann', 7) && !differences.has('ann', 'ann'))
  assert.deepEqual(differences.of('ann'), ['bob'])
})

test('identities of other types are others', async () => {
  const { body } = await send('POST', `${path}/identities/differ`, { a: 7, b: '7' })
  assert.equal(body.change, 2)
  const differences = await service.collections.get('people').identities.curation.differences()
  assert.deepEqual([differences.has(7, '7'), differences.has('7', 7)], [true, true])
  assert.deepEqual([differences.has(7, 'ann'), differences.has('7', 'ann')], [false, false])
})

test('who is not there, or the same, cannot differ', async () => {
  await send('PUT', '/v1/collections/plain', { dimensions: 2 })
  const cases: readonly [path: string, body: object, status: number, code: string][] = [
    [path, { a: 'ann', b: 'ann' }, 400, 'INVALID_REQUEST'],
    [path, { a: 'ann', b: 'nobody' }, 404, 'IDENTITY_NOT_FOUND'],
    [path, { a: 'ann', b: '' }, 404, 'IDENTITY_NOT_FOUND'],
    [path, { a: 'ann', b: 'true' }, 404, 'IDENTITY_NOT_FOUND'],
    [path, { a: 'ann', b: 'x'.repeat(1024 * 1024) }, 404, 'IDENTITY_NOT_FOUND'],
    [path, { a: 'ann' }, 400, 'INVALID_REQUEST'],
    [path, { a: 'ann', b: null }, 400, 'INVALID_REQUEST'],
    ['/v1/collections/plain', { a: 'ann', b: 'bob' }, 409, 'COLLECTION_WITHOUT_IDENTITIES'],
  ]
  for (const [at, body, status, code] of cases) {
    const answer = await send('POST', `${at}/identities/differ`, body)
    assert.deepEqual([answer.status, answer.body.code], [status, code])
  }
})
