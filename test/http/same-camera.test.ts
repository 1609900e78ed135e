import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../src/vector/random.ts'
import { naiveIdentities } from '../support/naive-identities.ts'
import { gaussianVectors } from '../support/random-vectors.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 285
const DIMENSIONS = 6
const PATH = '/v1/collections/people'
const CAMERAS = ['c1', 'c2', 3, '3', true, null] as const

const send = serveOverHttp()

const vectors = gaussianVectors(seededRandom(SEED), 120, DIMENSIONS)
/** Each subject is seen by every camera, and some records tell of none. */
const records = vectors.map((vector, i) => {
  const camera = CAMERAS[i % CAMERAS.length]!
  const where = camera === null ? {} : { camera }
  return { id: `r${i}`, vector, camera, metadata: { who: `p${i % 10}`, at: where, n: i } }
})

test('collections are made', async () => {
  const spec = { dimensions: DIMENSIONS, metric: 'euclidean' }
  const fields = { identityField: 'who', cameraField: 'at.camera' }
  assert.equal((await send('PUT', PATH, { ...spec, ...fields })).status, 201)
  await send('PUT', '/v1/collections/plain', { ...spec, identityField: 'who' })
  const points = records.map(({ id, vector, metadata }) => ({ id, vector: [...vector], metadata }))
  for (const path of [PATH, '/v1/collections/plain']) {
    assert.equal((await send('POST', `${path}/vectors`, { points })).status, 200)
  }
})

function search(body: object, path = PATH) {
  return send('POST', `${path}/search`, body)
}

function identities(body: object, path = PATH) {
  return send('POST', `${path}/identities/search`, body)
}

type Stored = (typeof records)[number]

/** By a plain loop: the ids of those wanted, the nearest first. */
function nearest(vector: Float32Array, isWanted: (record: Stored) => boolean): string[] {
  const squared = (other: Float32Array) =>
    other.reduce((sum, value, i) => sum + (value - vector[i]!) ** 2, 0)
  return records
    .filter(isWanted)
    .sort((a, b) => squared(a.vector) - squared(b.vector))
    .map(({ id }) => id)
}

function idsOf({ body }: Awaited<ReturnType<typeof search>>): string[] {
  return body.matches.map(({ id }: { id: string }) => id)
}

test('a search by a record leaves out all of its camera where that is asked for, and none unless', async () => {
  for (const record of records.filter(({ camera }) => camera !== null).slice(0, 20)) {
    const { id, vector, camera } = record
    const others = nearest(vector, (other) => other.id !== id && other.camera !== camera)
    const excluded = { query: { id }, k: 200, sameCamera: 'exclude' }
    assert.deepEqual(idsOf(await search(excluded)), others, `seed ${SEED}, ${id}`)
    const all = nearest(vector, (other) => other.id !== id)
    for (const more of [{}, { sameCamera: 'include' }]) {
      assert.deepEqual(idsOf(await search({ query: { id }, k: 200, ...more })), all)
    }
  }
})

test('the camera of a vector, or another than that of a record, is given; text and number are different cameras', async () => {
  const { id, vector } = records[0]!
  for (const camera of ['c2', 3, '3', true, 'c9']) {
    const wanted = nearest(vector, (other) => other.camera !== camera)
    const asked = { k: 200, sameCamera: 'exclude', camera }
    const byVector = await search({ query: { vector: [...vector] }, ...asked })
    assert.deepEqual(idsOf(byVector), wanted, `camera ${camera}`)
    const byId = await search({ query: { id }, ...asked })
    assert.deepEqual(
      idsOf(byId),
      wanted.filter((other) => other !== id),
    )
  }
})

test('of several positive records all cameras are left out, also beside a filter, a radius, groups and pages', async () => {
  const query = { positive: [{ id: 'r0' }, { id: 'r1' }], negative: [{ id: 'r2' }] }
  const asked = { query, sameCamera: 'exclude', include: ['metadata'] }
  const own = ['c1', 'c2']
  const filter = { n: { $lt: 90 } }
  const whole = await search({ ...asked, k: 200, filter })
  const wanted = records.filter(({ camera, metadata }) => {
    return metadata.n < 90 && !own.includes(camera as string) && metadata.n > 2
  })
  assert.deepEqual(new Set(idsOf(whole)), new Set(wanted.map(({ id }) => id)))
  const ids: string[] = []
  for (let cursor: string | null = null; ; ) {
    const { body } = await search({ ...asked, k: 200, filter, limit: 7, cursor })
    ids.push(...body.matches.map(({ id }: { id: string }) => id))
    cursor = body.cursor
    if (cursor === null) break
  }
  assert.deepEqual(ids, idsOf(whole))
  const radius = whole.body.matches[4].distance
  assert.deepEqual(idsOf(await search({ ...asked, radius, filter })), ids.slice(0, 5))
  const { matches } = (await search({ ...asked, groupBy: 'who', k: 10 })).body
  assert.equal(matches.length, 10)
  for (const { metadata } of matches) assert.ok(!own.includes(metadata.at.camera))
})

test('identities are compared by what other cameras saw of them', async () => {
  const ids = ['r0', 'r6']
  const set = [vectors[0]!, vectors[6]!]
  const compared = (own: readonly unknown[]) =>
    naiveIdentities(
      records
        .filter(({ camera }) => !own.includes(camera))
        .map(({ id, vector, metadata }) => {
          return { id, vector, identity: metadata.who, version: metadata.n }
        }),
      set,
    )
  const asked = { query: { ids }, k: 100 }
  const excluded = (await identities({ ...asked, sameCamera: 'exclude' })).body.identities
  assert.deepEqual(excluded, compared(['c1']), `seed ${SEED}`)
  assert.deepEqual((await identities(asked)).body.identities, compared([]))
  const given = { query: { vectors: set.map((vector) => [...vector]) }, k: 100 }
  const { body } = await identities({ ...given, sameCamera: 'exclude', camera: 3 })
  assert.deepEqual(body.identities, compared([3]))
})

test('an identity leaves out the cameras of all its records', async () => {
  const patch = (id: string, camera: string | null) =>
    send('PATCH', `${PATH}/images/${id}`, { metadata: { who: 'lone', at: { camera } } })
  for (const [id, camera] of [
    ['r100', 'c1'],
    ['r101', 'c2'],
  ] as const) {
    assert.equal((await patch(id, camera)).status, 200)
  }
  const asked = { query: { identity: 'lone' }, k: 100, sameCamera: 'exclude' }
  const found = (await identities({ ...asked, include: ['explain'] })).body
  const left = records.filter(({ camera, id }) => {
    return camera !== 'c1' && camera !== 'c2' && id !== 'r100' && id !== 'r101'
  })
  const counts = new Map<unknown, number>()
  for (const { metadata } of left) counts.set(metadata.who, (counts.get(metadata.who) ?? 0) + 1)
  for (const { identity, records: count } of found.identities) {
    assert.equal(count, counts.get(identity))
  }
  assert.equal(found.identities.length, counts.size)
  assert.equal(found.explain.plan, 'scan')
  assert.equal((await patch('r100', null)).status, 200)
  const lacking = await identities(asked)
  assert.equal(lacking.status, 400)
  assert.match(lacking.body.detail, /of the record \\?"r100\\?", or camera beside it, got neither/)
})

test('what would leave out nothing is refused, with what is missing', async () => {
  const own = { sameCamera: 'exclude' }
  const vector = [...vectors[1]!]
  const cases: [string, object, RegExp][] = [
    [PATH, { query: { vector }, ...own }, /expected camera beside it/],
    [
      PATH,
      { query: { positive: [{ id: 'r1' }, { vector }] }, ...own },
      /expected camera beside it/,
    ],
    [PATH, { query: { id: 'r5' }, ...own }, /"at.camera" of the record "r5"/],
    [PATH, { query: { id: 'r1' }, camera: 'c1' }, /sameCamera "exclude" beside it, got none/],
    [
      PATH,
      { query: { id: 'r1' }, camera: 'c1', sameCamera: 'include' },
      /"exclude" beside it, got "include"/,
    ],
    ['/v1/collections/plain', { query: { id: 'r1' }, ...own }, /with a cameraField, got plain/],
    [
      '/v1/collections/plain',
      { query: { vector }, ...own, camera: 'c1' },
      /with a cameraField, got plain/,
    ],
    [PATH, { query: { id: 'r1' }, ...own, camera: ['c1'] }, /camera/],
    [PATH, { query: { id: 'r1' }, sameCamera: 'yes' }, /sameCamera/],
  ]
  for (const [path, body, reason] of cases) {
    const { status, body: problem } = await search(body, path)
    assert.deepEqual([status, problem.code], [400, 'INVALID_REQUEST'], JSON.stringify(body))
    assert.match(JSON.stringify(problem).replaceAll('\\"', '"'), reason)
  }
  const { status } = await search({ query: { id: 'nobody' }, ...own })
  assert.equal(status, 404)
  const sets: [string, object][] = [
    [PATH, { query: { vectors: [vector] }, ...own }],
    [PATH, { query: { ids: ['r1', 'r5'] }, ...own }],
    [PATH, { query: { ids: ['r1'] }, camera: 'c1' }],
    ['/v1/collections/plain', { query: { identity: 'p1' }, ...own }],
  ]
  for (const [path, body] of sets) {
    assert.equal((await identities(body, path)).status, 400, JSON.stringify(body))
  }
  const unknown = await identities({ query: { identity: 'nobody' }, ...own })
  assert.equal(unknown.body.code, 'IDENTITY_NOT_FOUND')
})

test('a cameraField that could leave out nothing, or just the records wanted, is refused when a collection is created', async () => {
  const path = '/v1/collections/wrong'
  for (const fields of [
    { identityField: 'who', cameraField: 'who' },
    { cameraField: '$camera' },
    { cameraField: '' },
  ]) {
    const { status, body } = await send('PUT', path, { dimensions: 3, ...fields })
    assert.equal(status, 400, JSON.stringify(fields))
    assert.match(JSON.stringify(body), /cameraField/)
  }
  assert.equal((await send('GET', path)).status, 404)
})
