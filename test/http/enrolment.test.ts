import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp, { type Sharp } from 'sharp'
import { serveOverHttp } from '../support/serve-over-http.ts'

const send = serveOverHttp()

async function create(name: string, quality: object, more: object = {}): Promise<string> {
  const path = `/v1/collections/${name}`
  const made = await send('PUT', path, { identityField: 'who', quality, ...more })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return path
}

const VECTORS = { dimensions: 2, metric: 'euclidean' }
const add = (path: string, id: string, vector: number[], who?: string) =>
  send('POST', `${path}/vectors`, { points: [{ id, vector, ...(who && { metadata: { who } }) }] })

async function striped(side: number, change: (image: Sharp) => Sharp = (one) => one) {
  const pixels = Buffer.from(
    Array.from({ length: side * side * 3 }, (_, i) => (i % 24 < 12 ? 20 : 220)),
  )
  const image = sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
  return (await change(image).png().toBuffer()).toString('base64')
}

test('pictures that are small, blurred or dark are refused, each with its reason and number', async () => {
  const path = await create('sharp', {
    minSide: 48,
    sharpness: 100,
    brightness: 30,
    otherwise: 'refuse',
  })
  const put = async (id: string, data: string, metadata: object = { who: 'ann' }) =>
    await send('PUT', `${path}/images/${id}`, { data, metadata })
  assert.equal((await put('good', await striped(96))).status, 201)
  const cases = [
    ['small', await striped(40), /minSide of at least 48, got 40/],
    ['blurred', await striped(96, (one) => one.blur(20)), /sharpness of at least 100, got \d/],
    ['dark', await striped(96, (one) => one.linear(0.1, 0)), /brightness of at least 30, got \d/],
  ] as const
  for (const [id, data, reason] of cases) {
    const { status, body } = await put(id, data)
    assert.deepEqual([status, body.code], [422, 'QUALITY_TOO_LOW'], id)
    assert.match(body.detail, reason)
    assert.equal((await send('GET', `${path}/images/${id}`)).status, 404, id)
    assert.equal((await put(id, data, {})).status, 201, 'without an identity it may be anything')
  }
  const observed = await send('POST', `${path}/observe`, {
    images: [{ data: cases[0][1] }],
    thresholds: { known: 0.1, unknown: 0.2 },
  })
  assert.deepEqual([observed.status, observed.body.code], [422, 'QUALITY_TOO_LOW'])
})

test('a record far from its own identity, or near to another, is held apart, listed and released', async () => {
  const quality = { ownDistance: 1, otherDistance: 0.5, otherwise: 'hold' }
  const path = await create('distances', quality, VECTORS)
  await add(path, 'ann/1', [0, 1], 'ann')
  await add(path, 'bob/1', [5, 1], 'bob')
  const near = (await add(path, 'ann/2', [0.5, 1], 'ann')).body.results[0]
  assert.deepEqual(near, { id: 'ann/2', status: 'added' })
  const far = (await add(path, 'ann/3', [2, 1], 'ann')).body.results[0]
  assert.deepEqual(far.held, [{ reason: 'ownDistance', value: 1.5, limit: 1 }])
  const other = (await add(path, 'ann/4', [4.75, 1], 'ann')).body.results[0]
  assert.deepEqual(
    other.held.map(({ reason, value }: { reason: string; value: number }) => [reason, value]),
    [
      ['ownDistance', 4.25],
      ['otherDistance', 0.25],
    ],
  )
  // It answers no look-up by identity, and is nobody to be named.
  const { candidates } = (await send('POST', `${path}/identify`, { query: { vector: [2, 1] } }))
    .body
  assert.deepEqual(candidates[0].best[0].id, 'ann/2')
  const sets = await send('POST', `${path}/identities/search`, { query: { vectors: [[2, 1]] } })
  assert.deepEqual(
    sets.body.identities.map(({ identity, records }: { identity: string; records: number }) => [
      identity,
      records,
    ]),
    [
      ['ann', 2],
      ['bob', 1],
    ],
  )
  const unknown = { radius: 9, minRecords: 1 }
  assert.deepEqual((await send('POST', `${path}/identities/unknowns`, unknown)).body.clusters, [])
  const filter = encodeURIComponent(JSON.stringify({ held: { $exists: true } }))
  const { records } = (await send('GET', `${path}/images?filter=${filter}`)).body
  assert.deepEqual(
    records.map(({ id, metadata }: { id: string; metadata: object }) => [id, metadata]),
    [
      ['ann/3', { held: { identity: 'ann', reasons: far.held } }],
      ['ann/4', { held: { identity: 'ann', reasons: other.held } }],
    ],
  )
  const released = { metadata: { who: 'ann', held: null } }
  assert.equal((await send('PATCH', `${path}/images/ann%2F3`, released)).status, 200)
  const again = (await send('POST', `${path}/identify`, { query: { vector: [2, 1] } })).body
  assert.deepEqual(again.candidates[0].best[0].id, 'ann/3')
})

test('where vectors are refused none of the request is stored', async () => {
  const path = await create('all', { ownDistance: 1, otherwise: 'refuse' }, VECTORS)
  await add(path, 'a', [0, 1], 'ann')
  const points = [
    { id: 'b', vector: [0.1, 1], metadata: { who: 'ann' } },
    { id: 'c', vector: [3, 1], metadata: { who: 'ann' } },
  ]
  const { status, body } = await send('POST', `${path}/vectors`, { points })
  assert.deepEqual([status, body.code], [422, 'QUALITY_TOO_LOW'])
  assert.equal((await send('GET', `${path}/images/b`)).status, 404)
})

test('what makes no sense is refused when the collection is created, and the same again changes nothing', async () => {
  const refused = async (body: object) => {
    const { status, body: problem } = await send('PUT', '/v1/collections/x', {
      ...VECTORS,
      ...body,
    })
    assert.deepEqual([status, problem.code], [400, 'INVALID_REQUEST'], JSON.stringify(body))
  }
  await refused({ quality: { minSide: 4, otherwise: 'hold' } })
  await refused({ identityField: 'who', quality: { otherwise: 'hold' } })
  await refused({ identityField: 'who', quality: { minSide: 4 } })
  await refused({ identityField: 'who', quality: { minSide: -1, otherwise: 'hold' } })
  await refused({ identityField: 'held', quality: { minSide: 4, otherwise: 'hold' } })
  const path = await create('same', { ownDistance: 1, minSide: 4, otherwise: 'hold' }, VECTORS)
  const again = { otherwise: 'hold', minSide: 4, ownDistance: 1 }
  const body = { identityField: 'who', ...VECTORS }
  assert.equal((await send('PUT', path, { ...body, quality: again })).status, 200)
  const other = await send('PUT', path, body)
  assert.deepEqual([other.status, other.body.code], [409, 'COLLECTION_DIFFERS'])
  const point = { id: 'a', vector: [1, 1], metadata: { held: true } }
  const own = await send('POST', `${path}/vectors`, { points: [point] })
  assert.equal(own.body.code, 'INVALID_METADATA')
})

test('a record that is held has its identity nowhere, however often it was named', async () => {
  const body = { ...VECTORS, identityField: 'person.name' }
  const path = await create('twice', { ownDistance: 1, otherwise: 'hold' }, body)
  const metadata = { 'person.name': 'ann', person: { name: 'bob' } }
  const points = [
    { id: 'ann/1', vector: [0, 1], metadata: { person: { name: 'ann' } } },
    { id: 'both', vector: [5, 1], metadata },
  ]
  await send('POST', `${path}/vectors`, { points: [points[0]] })
  const { body: added } = await send('POST', `${path}/vectors`, { points: [points[1]] })
  assert.equal(added.results[0].held[0].reason, 'ownDistance', JSON.stringify(added))
  const { body: record } = await send('GET', `${path}/images/both`)
  const { held, ...kept } = record.metadata
  assert.deepEqual([held.identity, kept], ['ann', { person: {} }])
})

test('an observation does not say itself that it is held, where records are', async () => {
  const path = await create('forged', { ownDistance: 1, otherwise: 'hold' }, VECTORS)
  const seen = { vectors: [[1, 1]], thresholds: { known: 0.1, unknown: 0.2 } }
  const forged = await send('POST', `${path}/observe`, { ...seen, metadata: { held: true } })
  assert.deepEqual([forged.status, forged.body.code], [400, 'INVALID_METADATA'])
  assert.equal((await send('GET', path)).body.count, 0)
  assert.equal((await send('POST', `${path}/observe`, seen)).status, 201)
})
