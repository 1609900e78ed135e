import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, startServer } from '../support/http.ts'
import { openService } from '../support/service.ts'

test('a collection beyond the limit is refused with the setting that says so, until one is dropped', async () => {
  const service = await openService({ maxCollections: 2 })
  const server = await startServer(service.collections)
  const create = (name: string) => call(server, 'PUT', `/v1/collections/${name}`, { dimensions: 1 })
  assert.deepEqual([(await create('a')).status, (await create('b')).status], [201, 201])
  const refused = await create('c')
  assert.deepEqual([refused.status, refused.body.code], [409, 'TOO_MANY_COLLECTIONS'])
  assert.match(refused.body.detail, /at most 2 collections \(LOOKALIKE_MAX_COLLECTIONS\)/)
  assert.equal((await create('a')).status, 200)
  assert.equal((await call(server, 'DELETE', '/v1/collections/a')).status, 204)
  assert.equal((await create('c')).status, 201)
  await server.server.close()
  await service.close()
})
