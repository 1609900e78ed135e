import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

let service: TestService
let server: TestServer
const guest = { authorization: 'Bearer g-secret' }

before(async () => {
  service = await openService()
  server = await startServer(service.collections, {
    embeddings: service.embeddings,
    keys: [
      { name: 'guest', scope: 'read', secret: 'g-secret', collections: ['seen', 'later'] },
      { name: 'writer', scope: 'write', secret: 'w-secret', collections: null },
    ],
  })
  for (const name of ['seen', 'unseen']) {
    const collection =
      (await service.collections.create({ name, dimensions: 2 })) && service.collections.get(name)
    await collection.addVectors([{ id: 'a', vector: Float64Array.of(1, 2), metadata: {} }])
  }
})

after(async () => {
  await server.server.close()
  await service.close()
})

test('a restricted key searches its collections', async () => {
  const { status, body } = await call(
    server,
    'POST',
    '/v1/collections/seen/search',
    { query: { vector: [1, 2] } },
    guest,
  )
  assert.deepEqual([status, body.matches[0].id], [200, 'a'])
})

test('to it, another collection is as one that is not there', async () => {
  const answers = []
  for (const name of ['unseen', 'nowhere']) {
    for (const path of [
      '',
      '/images',
      '/images/a',
      '/images/a/content',
      '/statistics',
      '/generations',
    ]) {
      const { status, body } = await call(
        server,
        'GET',
        `/v1/collections/${name}${path}`,
        undefined,
        guest,
      )
      answers.push([status, body.code, body.detail])
      assert.deepEqual(answers.at(-1), [404, 'COLLECTION_NOT_FOUND', `no collection "${name}"`])
    }
  }
  assert.equal((await call(server, 'GET', '/v1/collections/later', undefined, guest)).status, 404)
})

test('a name cannot be spelled so that it is seen', async () => {
  for (const name of [
    'SEEN',
    'seen%2F..%2Funseen',
    'seen%00',
    '%75nseen',
    'seen+unseen',
    '__proto__',
  ]) {
    const { status } = await call(server, 'GET', `/v1/collections/${name}`, undefined, guest)
    assert.equal(status, 404, name)
  }
})

test('the list has its collections alone', async () => {
  const { body } = await call(server, 'GET', '/v1/collections', undefined, guest)
  assert.deepEqual(
    body.collections.map(({ name }: { name: string }) => name),
    ['seen'],
  )
})

test('it may see models, and no numbers about all collections', async () => {
  assert.equal((await call(server, 'GET', '/v1/models', undefined, guest)).status, 200)
  const { status, body } = await call(server, 'GET', '/metrics', undefined, guest)
  assert.deepEqual([status, body.code], [403, 'FORBIDDEN'])
  assert.match(body.detail, /sees all collections, got key "guest"/)
})

test('it writes nothing, in its collections neither', async () => {
  const { status } = await call(server, 'DELETE', '/v1/collections/seen', undefined, guest)
  assert.equal(status, 403)
})
