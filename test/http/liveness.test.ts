import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, startServer } from '../support/http.ts'
import { openService } from '../support/service.ts'

test('a service whose model is silent says that it should be started again', async (t) => {
  const service = await openService()
  let reason: string | null = null
  const server = await startServer(service.collections, { liveness: () => reason })
  t.after(async () => {
    await server.server.close()
    await service.close()
  })
  assert.deepEqual((await call(server, 'GET', '/livez')).body, { live: true })
  reason = 'no answer from the model tiny'
  const { status, body, headers } = await call(server, 'GET', '/livez')
  assert.deepEqual([status, body], [503, { live: false, reason }])
  assert.equal(headers.get('retry-after'), '1')
})
