import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { drawIndices, gaussian, seededRandom } from '../../src/vector/random.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 1835
const DIMENSIONS = 16
const SUBJECTS = 60
const SIGHTINGS = 6
const PARALLEL = 64
const thresholds = { known: 3, unknown: 3 }

const send = serveOverHttp()
const random = seededRandom(SEED)
const normal = (size: number) => Array.from({ length: DIMENSIONS }, () => size * gaussian(random))

/** Subjects are some 17 apart, the views of one 1.1 at most. */
const subjects = Array.from({ length: SUBJECTS }, () => normal(3).map((value) => value + 20))
const view = (subject: number) => subjects[subject]!.map((value) => value + 0.1 * gaussian(random))

const create = (path: string) =>
  send('PUT', path, {
    dimensions: DIMENSIONS,
    metric: 'euclidean',
    identityField: 'who',
    cameraField: 'camera',
  })

test('64 callers at once see each newcomer become one identity, also when they repeat themselves', async () => {
  const path = '/v1/collections/crowd'
  await create(path)
  const order = drawIndices(SUBJECTS * SIGHTINGS, SUBJECTS * SIGHTINGS, random)
  const sightings = order.map((n) => ({ subject: n % SUBJECTS, n, vector: view(n % SUBJECTS) }))
  const found = new Map<number, Set<string>>()
  let created = 0
  const waiting = [...sightings, ...sightings.slice(0, 40)]
  const caller = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { subject, n, vector } = next
      const body = { vectors: [vector], metadata: { subject }, thresholds, idempotencyKey: `n${n}` }
      const { status, body: answer } = await send('POST', `${path}/observe`, body)
      assert.equal(status, answer.created ? 201 : 200, JSON.stringify(answer))
      if (answer.created && answer.by === 'distance') created++
      found.set(subject, (found.get(subject) ?? new Set()).add(answer.identity))
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, caller))
  assert.deepEqual([created, found.size], [SUBJECTS, SUBJECTS], `seed ${SEED}`)
  for (const identities of found.values()) assert.equal(identities.size, 1)
  assert.equal(new Set([...found.values()].flatMap((one) => [...one])).size, SUBJECTS)
  assert.equal((await send('GET', path)).body.count, SUBJECTS * SIGHTINGS)
})

test('what is seen together or on one track is one identity, in its own camera', async () => {
  const path = '/v1/collections/tracks'
  await create(path)
  const observe = async (body: object) => {
    return (await send('POST', `${path}/observe`, { thresholds, ...body })).body
  }
  const first = await observe({ vectors: [view(0), view(0)], camera: 'c1', track: 't1' })
  assert.deepEqual([first.created, first.decision, first.records.length], [true, 'unknown', 2])
  assert.equal(first.identity, first.records[0])
  // Another look on the same track: a new coat.
  const same = await observe({ vectors: [view(1)], camera: 'c1', track: 't1' })
  assert.deepEqual([same.identity, same.created, same.by], [first.identity, false, 'track'])
  const other = await observe({ vectors: [view(2)], camera: 'c2', track: 't1' })
  assert.deepEqual([other.created, other.by], [true, 'distance'])
  const again = await observe({ vectors: [view(1)], camera: 'c2' })
  assert.deepEqual([again.identity, again.decision], [first.identity, 'known'])
  const { body: record } = await send('GET', `${path}/images/${same.records[0]}`)
  assert.deepEqual(record.metadata, { camera: 'c1', track: 't1', who: first.identity })
  const doubtful = await observe({ vectors: [view(2)], thresholds: { known: 0, unknown: 3 } })
  assert.deepEqual([doubtful.created, doubtful.decision], [true, 'doubtful'])
  assert.equal(doubtful.candidates[0].identity, other.identity)
})

test('an observation that is repeated keeps what was edited since, and adds what is missing', async () => {
  const path = '/v1/collections/repeated'
  await create(path)
  const vectors = [view(0), view(0), view(0)]
  const body = { vectors, metadata: { seen: 1 }, thresholds, idempotencyKey: 'k' }
  const { body: first } = await send('POST', `${path}/observe`, body)
  const [edited, deleted, untouched] = first.records
  const read = async (id: string) => (await send('GET', `${path}/images/${id}`)).body
  await send('PATCH', `${path}/images/${edited}`, { metadata: { seen: 2, note: 'by hand' } })
  await send('DELETE', `${path}/images/${deleted}`)
  const before = [await read(edited), await read(untouched)]
  const { status, body: again } = await send('POST', `${path}/observe`, body)
  assert.deepEqual([status, again.by, again.records], [201, 'repeat', first.records])
  assert.deepEqual([await read(edited), await read(untouched)], before)
  assert.deepEqual(before[0].metadata, { seen: 2, note: 'by hand', who: first.identity })
  assert.deepEqual((await read(deleted)).metadata, { seen: 1, who: first.identity })
})

test('views of two who are said to differ are in doubt, and a track of both is not followed', async () => {
  const path = '/v1/collections/apart'
  await create(path)
  const observe = async (body: object) => {
    return (await send('POST', `${path}/observe`, { thresholds, ...body })).body
  }
  const a = (await observe({ vectors: [view(0)], camera: 'c1', track: 't1' })).identity
  const b = (await observe({ vectors: [view(1)], camera: 'c1' })).identity
  const both = { vectors: [view(0), view(1)] }
  assert.equal((await observe(both)).decision, 'known')
  await send('POST', `${path}/images/delete`, { filter: { track: { $exists: false }, who: a } })
  const mixed = await send('POST', `${path}/observe`, { vectors: [view(1)], thresholds })
  await send('PATCH', `${path}/images/${mixed.body.records[0]}`, {
    metadata: { track: 't1', camera: 'c1' },
  })
  const onTrack = { vectors: [view(1)], camera: 'c1', track: 't1' }
  const before = await observe(onTrack)
  assert.equal(before.by, 'track')
  await send('POST', `${path}/images/delete`, { ids: before.records })
  await send('POST', `${path}/identities/differ`, { a, b })
  const doubtful = await observe(both)
  assert.deepEqual([doubtful.decision, doubtful.created], ['doubtful', true])
  await send('POST', `${path}/images/delete`, { ids: doubtful.records })
  const one = await observe({ vectors: [view(0), view(0)] })
  assert.deepEqual([one.decision, one.identity], ['known', a])
  const apart = await observe(onTrack)
  assert.deepEqual([apart.by, apart.identity], ['distance', b])
})

test('an observation without thresholds, or with an identity of its own, is refused', async () => {
  const path = '/v1/collections/refused'
  await create(path)
  await send('PUT', '/v1/collections/plain', { dimensions: DIMENSIONS })
  const vectors = [view(0)]
  const cases: readonly [path: string, body: object, status: number, code: string][] = [
    [path, { vectors }, 400, 'INVALID_REQUEST'],
    [path, { thresholds }, 400, 'INVALID_REQUEST'],
    [path, { vectors, thresholds: { known: 2, unknown: 1 } }, 400, 'INVALID_REQUEST'],
    [path, { vectors, thresholds, metadata: { who: 'ann' } }, 400, 'INVALID_REQUEST'],
    [path, { vectors, thresholds, images: [{ data: 'AA==' }] }, 400, 'INVALID_REQUEST'],
    [path, { vectors, thresholds, idempotencyKey: '' }, 400, 'INVALID_REQUEST'],
    [path, { vectors: [[1]], thresholds }, 400, 'DIMENSION_MISMATCH'],
    ['/v1/collections/plain', { vectors, thresholds }, 409, 'COLLECTION_WITHOUT_IDENTITIES'],
  ]
  for (const [where, body, status, code] of cases) {
    const answer = await send('POST', `${where}/observe`, body)
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(body))
  }
  assert.equal((await send('GET', path)).body.count, 0)
})

test('a picture is observed with its vector, and found again', async () => {
  const path = '/v1/collections/drawings'
  await send('PUT', path, { identityField: 'what' })
  const data = readFileSync('examples/emoji/animal-mammal/fox_face.google.png').toString('base64')
  const body = { images: [{ data }], thresholds: { known: 0.1, unknown: 0.1 } }
  const made = await send('POST', `${path}/observe`, body)
  const again = await send('POST', `${path}/observe`, body)
  assert.deepEqual([made.status, again.status], [201, 200], JSON.stringify(made.body))
  assert.equal(again.body.identity, made.body.identity)
  const { body: record } = await send('GET', `${path}/images/${made.body.records[0]}`)
  assert.equal(record.image.mediaType, 'image/png')
})

test('a key whose records have ended makes an identity of its own, though others have its former name', async () => {
  const path = '/v1/collections/ended'
  await create(path)
  const body = { vectors: [view(0)], thresholds, idempotencyKey: 'k' }
  const observe = async (more: object) => {
    return (await send('POST', `${path}/observe`, { ...body, ...more })).body
  }
  const first = await observe({})
  const second = await observe({ vectors: [view(0)], idempotencyKey: 'other' })
  assert.equal(second.identity, first.identity)
  await send('POST', `${path}/images/delete`, { ids: first.records })
  // Somebody else under the same key.
  const fresh = await observe({ vectors: [view(1)] })
  assert.deepEqual([fresh.created, fresh.records], [true, first.records])
  assert.notEqual(fresh.identity, first.identity)
  const again = await observe({ vectors: [view(1)] })
  assert.deepEqual([again.created, again.by, again.identity], [true, 'repeat', fresh.identity])
})
