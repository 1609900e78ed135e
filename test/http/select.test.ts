import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, startServer } from '../support/http.ts'
import { openService } from '../support/service.ts'

test('records are chosen that stand for a collection, or stand out of it', async (t) => {
  const service = await openService()
  const server = await startServer(service.collections)
  t.after(async () => {
    await server.server.close()
    await service.close()
  })
  const base = '/v1/collections/line'
  await call(server, 'PUT', base, { dimensions: 1, metric: 'euclidean' })
  const places = [1, 2, 3, 11, 12, 31]
  const points = places.map((x) => ({ id: `p${x}`, vector: [x], metadata: { x } }))
  await call(server, 'POST', `${base}/vectors`, { points })
  const select = (body: object) => call(server, 'POST', `${base}/select`, body)
  assert.deepEqual((await select({ what: 'representative', k: 3 })).body, {
    records: [
      { id: 'p1', distance: null, records: 3 },
      { id: 'p31', distance: 30, records: 1 },
      { id: 'p12', distance: 11, records: 2 },
    ],
    of: 6,
    radius: 2,
    exact: true,
  })
  assert.deepEqual((await select({ what: 'unusual', k: 2 })).body, {
    records: [
      { id: 'p31', distance: 19 },
      { id: 'p1', distance: 1 },
    ],
    of: 6,
    exact: true,
  })
  const one = await select({ what: 'unusual', filter: { x: 11 } })
  assert.deepEqual(one.body.records, [{ id: 'p11', distance: null }])
  const none = await select({ what: 'representative', filter: { x: 5 } })
  assert.deepEqual(none.body, { records: [], of: 0, radius: 0, exact: true })
  for (const body of [{}, { what: 'best' }, { what: 'unusual', k: 1001 }]) {
    assert.equal((await select(body)).status, 400)
  }
})
