import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import sharp from 'sharp'
import { type Answer, call, startServer, type TestServer } from '../support/http.ts'
import { openService, type TestService } from '../support/service.ts'

let service: TestService
let server: TestServer
let send: (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>
const red = await png('#ff0000')
const blue = await png('#0000ff')

before(async () => {
  service = await openService()
  server = await startServer(service.collections, { gauges: service.gauges })
  send = (method, path, body, headers) => call(server, method, path, body, headers)
})

after(async () => {
  await server.server.close()
  await service.close()
})

async function png(background: string): Promise<Uint8Array<ArrayBuffer>> {
  const image = sharp({ create: { width: 40, height: 30, channels: 3, background } })
  return new Uint8Array(await image.png().toBuffer())
}

function form(parts: [name: string, value: Uint8Array<ArrayBuffer> | string, file?: string][]) {
  const data = new FormData()
  for (const [name, value, file] of parts) {
    if (typeof value === 'string') data.append(name, value)
    else data.append(name, new Blob([value], { type: 'image/png' }), file)
  }
  return data
}

async function vectors(name: string, metric = 'euclidean'): Promise<string> {
  const base = `/v1/collections/${name}`
  assert.equal((await send('PUT', base, { dimensions: 2, metric })).status, 201)
  const points = [
    { id: 'a', vector: [1, 0], metadata: { kind: 'x', n: 1 } },
    { id: 'b', vector: [0, 1], metadata: { kind: 'y', n: 2 } },
    { id: 'c', vector: [3, 4], metadata: { kind: 'x', n: 3 } },
  ]
  assert.equal((await send('POST', `${base}/vectors`, { points })).status, 200)
  return base
}

const ids = (answer: Answer) => answer.body.matches.map((match: { id: string }) => match.id)

test('a collection is created once, is equal again, and is in conflict when it differs', async () => {
  const path = '/v1/collections/made'
  const created = await send('PUT', path, { dimensions: 3, metric: 'euclidean' })
  assert.equal(created.status, 201)
  assert.equal(created.body.dimensions, 3)
  assert.equal((await send('PUT', path, { dimensions: 3, metric: 'euclidean' })).status, 200)
  const other = await send('PUT', path, { dimensions: 4, metric: 'euclidean' })
  assert.deepEqual([other.status, other.body.code], [409, 'COLLECTION_DIFFERS'])
})

test('a collection without a body takes the default model', async () => {
  const created = await send('PUT', '/v1/collections/defaults')
  assert.equal(created.status, 201)
  assert.equal(created.body.model, 'efficientnet-lite2-lite0-int8')
})

test('a collection is listed, shown and dropped', async () => {
  await vectors('listed')
  const list = await send('GET', '/v1/collections')
  const names = list.body.collections.map((collection: { name: string }) => collection.name)
  assert.ok(names.includes('listed'))
  assert.equal((await send('GET', '/v1/collections/listed')).body.count, 3)
  assert.equal((await send('DELETE', '/v1/collections/listed')).status, 204)
  const gone = await send('GET', '/v1/collections/listed')
  assert.deepEqual([gone.status, gone.body.code], [404, 'COLLECTION_NOT_FOUND'])
})

test('an image goes in raw, as multipart and as JSON, and is found by itself', async () => {
  const base = '/v1/collections/images'
  assert.equal((await send('PUT', base, { keep: 'original' })).status, 201)
  const query = `?metadata=${encodeURIComponent('{"way":"raw"}')}`
  const raw = await send('PUT', `${base}/images/raw${query}`, red, { 'content-type': 'image/png' })
  assert.deepEqual([raw.status, raw.body], [201, { id: 'raw', status: 'added' }])
  const parts = form([
    ['image', blue, 'x.png'],
    ['metadata', '{"way":"multipart"}'],
  ])
  assert.equal((await send('PUT', `${base}/images/multi`, parts)).status, 201)
  const data = Buffer.from(red).toString('base64')
  const again = await send('PUT', `${base}/images/raw`, { data, metadata: { way: 'json' } })
  assert.deepEqual([again.status, again.body], [200, { id: 'raw', status: 'replaced' }])

  const record = await send('GET', `${base}/images/raw?include=vector`)
  assert.deepEqual(record.body.metadata, { way: 'json' })
  assert.equal(record.body.image.width, 40)
  assert.equal(record.body.vector.length, 1280)

  const content = await send('GET', `${base}/images/raw/content`)
  assert.equal(content.headers.get('content-type'), 'image/png')
  assert.deepEqual(new Uint8Array(content.body), red)

  const byImage = await send('POST', `${base}/search`, { query: { image: { data } }, k: 1 })
  assert.deepEqual(ids(byImage), ['raw'])
  assert.ok(byImage.body.matches[0].similarity > 0.999)
  assert.ok(byImage.body.timings.embedMs > 0)
  const byPart = await send(
    'POST',
    `${base}/search`,
    form([
      ['image', blue],
      ['request', '{"k":1}'],
    ]),
  )
  assert.deepEqual(ids(byPart), ['multi'])
  const views = await send(
    'POST',
    `${base}/search`,
    form([
      ['image', blue],
      ['image', red],
    ]),
  )
  assert.equal(views.body.matches.length, 2)
})

test('of many images each succeeds or fails by itself', async () => {
  const base = '/v1/collections/many'
  await send('PUT', base, {})
  const metadata = JSON.stringify({ 'cats/ü 🐈.png': { label: 'cat' } })
  const parts = form([
    ['image', red, 'cats/ü 🐈.png'],
    ['image', new Uint8Array([1, 2, 3]), 'no-image'],
    ['image', blue, 'x'.repeat(600)],
    ['metadata', metadata],
  ])
  const { status, body } = await send('POST', `${base}/images`, parts)
  assert.equal(status, 200)
  assert.deepEqual(body.results[0], { id: 'cats/ü 🐈.png', status: 'added' })
  assert.deepEqual([body.results[1].id, body.results[1].error.code], ['no-image', 'NOT_AN_IMAGE'])
  assert.equal(body.results[2].error.code, 'INVALID_ID')
  const record = await send('GET', `${base}/images/${encodeURIComponent('cats/ü 🐈.png')}`)
  assert.deepEqual(record.body.metadata, { label: 'cat' })
})

test('vectors are searched by id, by vector and by examples', async () => {
  const base = await vectors('searched')
  const byId = await send('POST', `${base}/search`, { query: { id: 'a' } })
  assert.deepEqual(ids(byId), ['b', 'c'])
  const byVector = await send('POST', `${base}/search`, {
    query: { vector: [1, 1] },
    k: 2,
    include: ['metadata', 'vector', 'explain'],
  })
  assert.deepEqual(byVector.body.matches, [
    { id: 'a', distance: 1, metadata: { kind: 'x', n: 1 }, vector: [1, 0] },
    { id: 'b', distance: 1, metadata: { kind: 'y', n: 2 }, vector: [0, 1] },
  ])
  assert.ok(byVector.body.explain.distances >= 0)
  const examples = await send('POST', `${base}/search`, {
    query: { positive: [{ id: 'a' }, { vector: [1, 1] }], negative: [{ id: 'b' }] },
  })
  assert.equal(examples.status, 200)
})

test('a range answer is inclusive, filtered and paged to its end', async () => {
  const base = await vectors('ranged')
  const query = {
    query: { vector: [1, 1] },
    radius: Math.sqrt(13),
    filter: { kind: 'x' },
    limit: 1,
  }
  const first = await send('POST', `${base}/search`, query)
  assert.deepEqual([ids(first), first.body.complete], [['a'], false])
  const second = await send('POST', `${base}/search`, { ...query, cursor: first.body.cursor })
  assert.deepEqual([ids(second), second.body.complete, second.body.cursor], [['c'], true, null])
})

test('groups hold at most groupSize records', async () => {
  const base = await vectors('grouped')
  const query = { query: { vector: [1, 1] }, groupBy: 'kind', groupSize: 1 }
  const { body } = await send('POST', `${base}/search`, query)
  assert.deepEqual(
    body.matches.map((match: { group: string }) => match.group),
    ['x', 'y'],
  )
})

test('only cosine answers carry a similarity', async () => {
  const cosine = await vectors('cosine', 'cosine')
  const { body } = await send('POST', `${cosine}/search`, { query: { vector: [2, 0] }, k: 1 })
  assert.deepEqual(body.matches, [{ id: 'a', distance: 0, similarity: 1 }])
})

test('records are scrolled in id order with a filter', async () => {
  const base = await vectors('scrolled')
  const first = await send('GET', `${base}/images?limit=2&include=vector`)
  assert.deepEqual(
    first.body.records.map((record: { id: string }) => record.id),
    ['a', 'b'],
  )
  assert.deepEqual(first.body.records[0].vector, [1, 0])
  const next = await send('GET', `${base}/images?limit=2&cursor=${first.body.cursor}`)
  assert.deepEqual([next.body.records.length, next.body.cursor], [1, null])
  const filter = encodeURIComponent('{"n":{"$gte":3}}')
  const filtered = await send('GET', `${base}/images?filter=${filter}`)
  assert.deepEqual(
    filtered.body.records.map((record: { id: string }) => record.id),
    ['c'],
  )
})

test('metadata is patched, and records are deleted by id, ids and filter', async () => {
  const base = await vectors('changed')
  const patch = { metadata: { n: null, new: [1, 'two'] } }
  const patched = await send('PATCH', `${base}/images/a`, patch)
  assert.deepEqual(patched.body.metadata, { kind: 'x', new: [1, 'two'] })
  assert.equal((await send('DELETE', `${base}/images/a`)).status, 204)
  assert.equal((await send('DELETE', `${base}/images/a`)).body.code, 'RECORD_NOT_FOUND')
  const byIds = await send('POST', `${base}/images/delete`, { ids: ['b', 'unknown'] })
  assert.deepEqual(byIds.body, { deleted: 1 })
  const byFilter = await send('POST', `${base}/images/delete`, { filter: { kind: 'x' } })
  assert.deepEqual(byFilter.body, { deleted: 1 })
})

test('an id may hold anything that percent-encoding carries', async () => {
  const base = await vectors('ids')
  for (const id of [
    'a/b',
    ' sp ace ',
    '🐈‍⬛',
    '%2F',
    'a?b#c',
    'delete',
    '__proto__',
    '...',
    '"',
    'é'.repeat(256),
  ]) {
    const points = [{ id, vector: [5, 6], metadata: { is: id } }]
    assert.equal((await send('POST', `${base}/vectors`, { points })).status, 200, id)
    const path = `${base}/images/${encodeURIComponent(id)}`
    const { status, body } = await send('GET', path)
    assert.deepEqual([status, body.id, body.metadata], [200, id, { is: id }])
    assert.equal((await send('DELETE', path)).status, 204)
  }
})

test('a member named __proto__ is metadata like any other', async () => {
  const base = await vectors('proto')
  const metadata = '{"__proto__":{"polluted":true},"constructor":{"prototype":1}}'
  const body = `{"points":[{"id":"p","vector":[1,2],"metadata":${metadata}}]}`
  const headers = { 'content-type': 'application/json' }
  const added = await send('POST', `${base}/vectors`, Buffer.from(body), headers)
  assert.equal(added.status, 200)
  const record = await send('GET', `${base}/images/p`)
  assert.equal(JSON.stringify(record.body.metadata), metadata)
  assert.equal(({} as { polluted?: boolean }).polluted, undefined)
  const patch = Buffer.from('{"metadata":{"__proto__":{"polluted":null,"more":1}}}')
  const patched = await send('PATCH', `${base}/images/p`, patch, headers)
  assert.deepEqual(
    new Set(Object.keys(patched.body.metadata)),
    new Set(Object.keys(JSON.parse(metadata))),
  )
})

test('a body that is read in the thread gives the same as one read in place', async () => {
  const base = await vectors('large')
  const points = Array.from({ length: 5000 }, (_, i) => ({
    id: `p${i}`,
    vector: [i + 0.5, -i],
    metadata: { i, text: 'some text' },
  }))
  const { status, body } = await send('POST', `${base}/vectors`, { points })
  assert.equal(status, 200)
  assert.deepEqual(body.results.at(-1), { id: 'p4999', status: 'added' })
  const record = await send('GET', `${base}/images/p4999?include=vector`)
  assert.deepEqual([record.body.vector, record.body.metadata.i], [[4999.5, -4999], 4999])
  const all = await send('GET', `${base}/images?limit=10000&include=vector`)
  assert.equal(all.body.records.length, 5003)
})

test('health, metrics, docs and the request id are there', async () => {
  assert.deepEqual((await send('GET', '/livez')).body, { live: true })
  const ready = await send('GET', '/readyz', undefined, { 'x-request-id': 'my-id.1' })
  assert.deepEqual(ready.body, { provider: 'cpu', ready: true, reason: null })
  assert.equal(ready.headers.get('x-request-id'), 'my-id.1')
  const odd = await send('GET', '/livez', undefined, { 'x-request-id': 'two words' })
  assert.match(odd.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/)
  const metrics = Buffer.from((await send('GET', '/metrics')).body).toString()
  assert.match(metrics, /lookalike_http_request_duration_seconds_bucket\{[^}]*route="\/livez"/)
  assert.match(metrics, /lookalike_collections \d/)
  assert.match(metrics, /nodejs_eventloop_lag_seconds/)
  const docs = Buffer.from((await send('GET', '/docs')).body).toString()
  assert.match(docs, /swagger-ui/)
  assert.doesNotMatch(docs, /https?:\/\/(?!127)/)
})
