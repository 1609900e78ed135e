import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { naiveIdentities } from '../support/naive-identities.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 1830
const DIMENSIONS = 5
const PATH = '/v1/collections/people'
const DISTANCES = ['nearest', 'mean-nearest', 'votes', 'hausdorff'] as const

const send = serveOverHttp()
const random = seededRandom(SEED)
/** Half numbers, so that some are equal. */
const vector = () =>
  Array.from({ length: DIMENSIONS }, () => Math.round(gaussian(random) * 4) / 2 + 5)

interface Stored {
  readonly id: string
  readonly vector: number[]
  readonly identity: string | number | null
  readonly version: number
  readonly camera: string
  readonly hour: number
}

const records = new Map<string, Stored>()

async function put(ids: readonly string[]): Promise<void> {
  const points = ids.map((id) => {
    const who = Math.floor(random() * 16)
    const identity = who === 0 ? null : who % 3 === 0 ? who : `p${who}`
    const stored = {
      id,
      vector: vector(),
      identity,
      version: records.size,
      camera: `c${Math.floor(random() * 3)}`,
      hour: Math.floor(random() * 24),
    }
    records.set(id, stored)
    const { camera, hour } = stored
    return { id, vector: stored.vector, metadata: { who: identity, camera, hour } }
  })
  assert.equal((await send('POST', `${PATH}/vectors`, { points })).status, 200)
}

const identify = (body: object) => send('POST', `${PATH}/identify`, body)

test('a collection is made', async () => {
  const fields = { identityField: 'who', cameraField: 'camera' }
  await send('PUT', PATH, { dimensions: DIMENSIONS, metric: 'euclidean', ...fields })
  await put(Array.from({ length: 150 }, (_, i) => `r${i}`))
})

type Wanted = (record: Stored) => boolean

async function check(body: object, views: readonly number[][], isLeft: Wanted, what: string) {
  const left = [...records.values()].filter(isLeft)
  for (const distance of DISTANCES) {
    const all = naiveIdentities(left, views, Math.sqrt, distance)
    const { body: answer } = await identify({ ...body, distance, k: 4 })
    const message = `${what}, ${distance}, seed ${SEED}`
    const far = (list: readonly { distance: number }[]) => list.map((one) => one.distance)
    assert.deepEqual(far(answer.candidates), far(all.slice(0, 4)), message)
    assert.deepEqual([answer.exact, answer.complete, answer.distance], [true, true, distance])
    for (const { identity, distance: found, votes, best } of answer.candidates) {
      const one = all.find((other) => other.identity === identity)!
      assert.deepEqual([one.distance, one.votes], [found, votes], message)
      assert.equal(best[0].distance, one.nearest.distance, message)
      for (const { view, id, distance: apart } of best) {
        const record = records.get(id)!
        assert.ok(isLeft(record) && record.identity === identity, message)
        const differences = record.vector.map((value, i) => value - views[view]![i]!)
        assert.equal(Math.sqrt(differences.reduce((sum, x) => sum + x * x, 0)), apart, message)
      }
    }
  }
}

test('candidates are those of a plain loop, of one and of several views, whatever is written between', async () => {
  for (let round = 0; round < 4; round++) {
    const views = Array.from({ length: 1 + round * 2 }, vector)
    await check({ query: { vectors: views } }, views, () => true, `round ${round}`)
    const gone = [`r${round}`, `r${round + 70}`]
    await send('POST', `${PATH}/images/delete`, { ids: gone })
    for (const id of gone) records.delete(id)
    await put([`r${round + 20}`, `new${round}`])
    const moved = records.get(`r${round + 100}`)!
    await send('PATCH', `${PATH}/images/${moved.id}`, { metadata: { who: 'p1' } })
    records.set(moved.id, { ...moved, identity: 'p1' })
  }
})

test('a filter and the camera of the query leave records out, and a record never finds itself', async () => {
  const views = [vector(), vector()]
  const night = { filter: { hour: { $gte: 20 } }, query: { vectors: views } }
  await check(night, views, ({ hour }) => hour >= 20, 'by night')
  const elsewhere = { query: { vectors: views }, sameCamera: 'exclude', camera: 'c1' }
  await check(elsewhere, views, ({ camera }) => camera !== 'c1', 'other cameras')
  const { id, vector: own, camera } = [...records.values()][30]!
  await check({ query: { id } }, [own], (one) => one.id !== id, 'by a record')
  const both = { query: { id }, sameCamera: 'exclude', filter: { hour: { $lt: 12 } } }
  const isLeft: Wanted = (one) => one.camera !== camera && one.hour < 12
  await check(both, [own], isLeft, 'by a record, of other cameras by day')
})

test('a query by identity finds the others', async () => {
  const set = [...records.values()].filter(({ identity }) => identity === 'p4')
  set.sort((a, b) => (a.id < b.id ? -1 : 1))
  const views = set.map((record) => record.vector)
  await check({ query: { identity: 'p4' } }, views, ({ identity }) => identity !== 'p4', 'p4')
})

test('both thresholds, inclusive, make it known, doubtful or unknown; without them nothing is decided', async () => {
  const query = { vector: vector() }
  const { candidates } = (await identify({ query })).body
  const [{ identity, distance }] = candidates
  const decided = async (known: number, unknown: number) => {
    const { body } = await identify({ query, thresholds: { known, unknown } })
    assert.deepEqual(body.thresholds, { known, unknown, source: 'request', falseAcceptRate: null })
    assert.deepEqual(body.candidates, candidates)
    return [body.decision, body.identity]
  }
  assert.deepEqual(await decided(distance, distance), ['known', identity])
  assert.deepEqual(await decided(0, distance), ['doubtful', null])
  assert.deepEqual(await decided(0, distance * 0.999), ['unknown', null])
  const { body } = await identify({ query })
  assert.deepEqual([body.decision, body.identity], ['undecided', null])
  assert.deepEqual(body.thresholds, {
    known: null,
    unknown: null,
    source: 'none',
    falseAcceptRate: null,
  })
  const nobody = { query, filter: { who: 'nobody' }, thresholds: { known: 1, unknown: 2 } }
  const none = (await identify(nobody)).body
  assert.deepEqual([none.decision, none.candidates], ['unknown', []])
})

test('verify measures two subjects as identify does', async () => {
  const [a, b] = [[vector(), vector()], [vector()]]
  const record = (identity: string, own: number[]) => {
    return { id: 'x', vector: own, identity, version: 0 }
  }
  for (const distance of ['nearest', 'mean-nearest', 'hausdorff'] as const) {
    const [expected] = naiveIdentities(
      b.map((own) => record('b', own)),
      a,
      Math.sqrt,
      distance,
    )
    const far = expected!.distance
    const verify = (more: object) => {
      return send('POST', `${PATH}/verify`, {
        a: { vectors: a },
        b: { vectors: b },
        distance,
        ...more,
      })
    }
    assert.deepEqual((await verify({})).body, {
      same: null,
      distance: far,
      by: distance,
      threshold: null,
      source: 'none',
      probability: null,
      falseMatchRate: null,
      falseNonMatchRate: null,
    })
    assert.equal((await verify({ threshold: far })).body.same, true)
    assert.equal((await verify({ threshold: far * 0.999 })).body.same, false)
  }
  const { id } = [...records.values()].find(({ identity }) => identity === 'p5')!
  const own = await send('POST', `${PATH}/verify`, { a: { id }, b: { identity: 'p5' } })
  assert.equal(own.body.distance, 0)
  const { body } = await identify({ query: { vectors: a }, distance: 'template', k: 100 })
  for (const { identity, distance } of body.candidates) {
    const asked = { a: { vectors: a }, b: { identity }, distance: 'template' }
    assert.equal((await send('POST', `${PATH}/verify`, asked)).body.distance, distance)
  }
})

test('an identity of any size is found by its nearest record, also where vectors are in a file', async () => {
  const path = '/v1/collections/codes'
  await send('PUT', path, { dimensions: 512, memory: 'codes', identityField: 'who' })
  const points = Array.from({ length: 300 }, (_, i) => ({
    id: `r${i}`,
    vector: Array.from({ length: 512 }, () => gaussian(random)),
    metadata: { who: i < 290 ? 'many' : 'few' },
  }))
  await send('POST', `${path}/vectors`, { points })
  const asked = { query: { vector: points[17]!.vector }, thresholds: { known: 0.1, unknown: 0.2 } }
  const { body } = await send('POST', `${path}/identify`, asked)
  assert.deepEqual([body.decision, body.identity, body.complete], ['known', 'many', true])
  assert.equal(body.candidates[0].best[0].id, 'r17')
})

test('what makes no sense is refused by name', async () => {
  await send('PUT', '/v1/collections/plain', { dimensions: DIMENSIONS })
  const thresholds = { known: 2, unknown: 1 }
  const one = { vector: vector() }
  const cases: readonly [path: string, body: object, status: number, code: string][] = [
    ['people/identify', {}, 400, 'INVALID_REQUEST'],
    ['people/identify', { query: { ...one, id: 'r9' } }, 400, 'INVALID_REQUEST'],
    ['people/identify', { query: one, thresholds }, 400, 'INVALID_REQUEST'],
    ['people/identify', { query: one, thresholds: { known: 1 } }, 400, 'INVALID_REQUEST'],
    ['people/identify', { query: one, k: 101 }, 400, 'INVALID_REQUEST'],
    ['people/identify', { query: one, distance: 'mean' }, 400, 'INVALID_REQUEST'],
    ['people/identify', { query: one, sameCamera: 'exclude' }, 400, 'INVALID_REQUEST'],
    ['people/identify', { query: { identity: 'nobody' } }, 404, 'IDENTITY_NOT_FOUND'],
    ['people/identify', { query: { identity: '' } }, 404, 'IDENTITY_NOT_FOUND'],
    ['people/identify', { query: { id: 'nobody' } }, 404, 'RECORD_NOT_FOUND'],
    ['people/identify', { query: { vector: [1] } }, 400, 'DIMENSION_MISMATCH'],
    ['plain/identify', { query: one }, 409, 'COLLECTION_WITHOUT_IDENTITIES'],
    ['plain/verify', { a: one, b: { identity: 1 } }, 409, 'COLLECTION_WITHOUT_IDENTITIES'],
    ['people/verify', { a: one }, 400, 'INVALID_REQUEST'],
    ['people/verify', { a: one, b: one, distance: 'votes' }, 400, 'INVALID_REQUEST'],
    ['people/verify', { a: one, b: {} }, 400, 'INVALID_REQUEST'],
    ['people/verify', { a: one, b: { identity: 'nobody' } }, 404, 'IDENTITY_NOT_FOUND'],
  ]
  for (const [path, body, status, code] of cases) {
    const answer = await send('POST', `/v1/collections/${path}`, body)
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(body))
  }
  const plain = await send('POST', '/v1/collections/plain/verify', { a: one, b: one })
  assert.equal(plain.body.distance, 0)
})
