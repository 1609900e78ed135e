import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { call, startServer } from '../support/http.ts'
import { openService } from '../support/service.ts'

const base = '/v1/collections/plain'

async function served(t: TestContext) {
  const service = await openService()
  const server = await startServer(service.collections)
  t.after(async () => {
    await server.server.close()
    await service.close()
  })
  await call(server, 'PUT', base, { dimensions: 2, metric: 'euclidean' })
  return server
}

function floats(text: string): number[] {
  const bytes = Buffer.from(text, 'base64')
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))
}

test('a map is points in columns, with the values of a field', async (t) => {
  const server = await served(t)
  const vectors = [
    [14, 1],
    [6, 1],
    [10, 2],
    [10, 0],
  ]
  const points = vectors.map((vector, i) => ({
    id: `p${i}`,
    vector,
    metadata: i === 3 ? {} : { side: i < 2 ? 'wide' : 'high' },
  }))
  await call(server, 'POST', `${base}/vectors`, { points })
  const { body } = await call(server, 'GET', `${base}/map?field=side`)
  assert.deepEqual(body.ids, ['p0', 'p1', 'p2', 'p3'])
  const wanted = [4, 0, -4, 0, 0, 1, 0, -1]
  floats(body.points).forEach((value, at) => {
    assert.ok(Math.abs(value - wanted[at]!) < 1e-6, `${at}: ${value}`)
  })
  const places = Buffer.from(body.field.places, 'base64')
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => places.readUInt16LE(2 * i)),
    [1, 1, 2, 0],
  )
  assert.deepEqual([body.field.name, body.field.values], ['side', ['wide', 'high']])
  const { of, complete, generation, model, plane } = body
  assert.deepEqual([of, complete, generation, model], [4, true, 0, null])
  assert.deepEqual([plane.records, plane.changes], [4, 0])
  assert.ok(Math.abs(plane.shares[0] - 32 / 34) < 1e-9)
})

test('a map of fewer points than records says so', async (t) => {
  const server = await served(t)
  const points = Array.from({ length: 40 }, (_, i) => ({ id: `p${i}`, vector: [i, 1] }))
  await call(server, 'POST', `${base}/vectors`, { points })
  const { body } = await call(server, 'GET', `${base}/map?limit=10`)
  assert.deepEqual([body.ids.length, body.of, body.complete, body.field], [10, 40, false, null])
})

test('a field of numbers comes as numbers', async (t) => {
  const server = await served(t)
  const points = Array.from({ length: 20 }, (_, i) => ({
    id: `p${i}`,
    vector: [i, 1],
    metadata: i === 0 ? {} : { weight: i / 4 },
  }))
  await call(server, 'POST', `${base}/vectors`, { points })
  const { body } = await call(server, 'GET', `${base}/map?field=weight`)
  const numbers = floats(body.field.numbers)
  assert.ok(Number.isNaN(numbers[body.ids.indexOf('p0')]))
  assert.equal(numbers[body.ids.indexOf('p7')], 7 / 4)
  assert.equal(body.field.values, undefined)
})

test('a point takes some twenty bytes beside its id', async (t) => {
  const server = await served(t)
  const points = Array.from({ length: 2000 }, (_, i) => ({
    id: `p${1000 + i}`,
    vector: [Math.sin(i), Math.cos(7 * i)],
    metadata: { label: `l${i % 7}` },
  }))
  await call(server, 'POST', `${base}/vectors`, { points })
  const answer = await fetch(`http://127.0.0.1:${server.port}${base}/map?field=label`)
  const bytes = (await answer.arrayBuffer()).byteLength
  assert.ok(bytes < points.length * 25, `${bytes} bytes`)
})

test('what a map cannot be is refused', async (t) => {
  const server = await served(t)
  for (const query of ['limit=0', 'limit=100001', 'field=', 'method=mds']) {
    assert.equal((await call(server, 'GET', `${base}/map?${query}`)).status, 400, query)
  }
  assert.equal((await call(server, 'GET', '/v1/collections/none/map')).status, 404)
})
