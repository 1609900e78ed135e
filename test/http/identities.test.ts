import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gaussian, type Random, seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'
import { type NaiveRecord, naiveIdentities } from '../support/naive-identities.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 20261122
const DIMENSIONS = 6

const send = serveOverHttp()

type Value = string | number | boolean | null

/** Some share a name as text and number; null is of no identity. */
const VALUES: readonly Value[] = ['ann', 'bob', 'cy', '7', 7, 7.5, true, false, 'Ünal', '🦊', null]

/** A collection beside what a plain loop knows of it. */
class Twin {
  readonly base: string
  readonly records = new Map<string, NaiveRecord>()
  readonly #random: Random
  #version = 0

  constructor(name: string, random: Random) {
    this.base = `/v1/collections/${name}`
    this.#random = random
  }

  async create(identityField: string): Promise<void> {
    const spec = { dimensions: DIMENSIONS, metric: 'euclidean', identityField }
    assert.equal((await send('PUT', this.base, spec)).status, 201)
  }

  async put(ids: readonly string[]): Promise<void> {
    const points = ids.map((id) => {
      const vector = this.#vector()
      const identity = this.#pick(VALUES)
      this.records.set(id, { id, vector, identity, version: ++this.#version })
      return { id, vector, metadata: { who: { name: identity } } }
    })
    assert.equal((await send('POST', `${this.base}/vectors`, { points })).status, 200)
  }

  /** To another identity, or to none. */
  async move(id: string): Promise<void> {
    const identity = this.#pick(VALUES)
    this.records.set(id, { ...this.records.get(id)!, identity })
    const patch = { metadata: { who: { name: identity } } }
    assert.equal((await send('PATCH', `${this.base}/images/${id}`, patch)).status, 200)
  }

  async delete(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.records.delete(id)
    assert.equal((await send('POST', `${this.base}/images/delete`, { ids })).status, 200)
  }

  async compare(what: string): Promise<void> {
    const vectors = Array.from({ length: 1 + Math.floor(this.#random() * 4) }, () => this.#vector())
    const everyone = naiveIdentities(this.records.values(), vectors)
    const answer = await this.search({ query: { vectors }, k: 1000 })
    assert.deepEqual(answer.body.identities, everyone, `${what}, seed ${SEED}`)
    assert.equal(answer.body.exact && answer.body.complete, true)
    const some = this.#pick(everyone)
    const set = [...this.records.values()].filter(({ identity }) => identity === some.identity)
    const others = naiveIdentities(
      this.records.values(),
      set.map(({ vector }) => vector),
    ).filter(({ identity }) => identity !== some.identity)
    const near = await this.search({ query: { identity: some.identity }, k: 3 })
    assert.deepEqual(near.body.identities, others.slice(0, 3), `${what}, seed ${SEED}`)
    const { distance: radius } = others[others.length >> 1]!
    const within = await this.search({ query: { identity: some.identity }, radius })
    const expected = others.filter(({ distance }) => distance <= radius)
    assert.deepEqual(within.body.identities, expected, `${what}, seed ${SEED}`)
    for (const distance of ['nearest', 'mean-nearest', 'votes'] as const) {
      const wanted = naiveIdentities(this.records.values(), vectors, Math.sqrt, distance)
      const found = await this.search({ query: { vectors }, distance, k: 4 })
      const message = `${what}, ${distance}, seed ${SEED}`
      assert.deepEqual(found.body.identities, wanted.slice(0, 4), message)
      const most = wanted[wanted.length >> 1]!.distance
      const some = await this.search({ query: { vectors }, distance, radius: most })
      const inside = wanted.filter((one) => one.distance <= most)
      assert.deepEqual(some.body.identities, inside, message)
    }
    const byIds = await this.search({ query: { ids: set.slice(0, 64).map(({ id }) => id) }, k: 1 })
    const first = { ...byIds.body.identities[0], nearest: null }
    assert.deepEqual(first, {
      identity: some.identity,
      distance: 0,
      records: set.length,
      nearest: null,
    })
  }

  search(body: object) {
    return send('POST', `${this.base}/identities/search`, body)
  }

  /** Short numbers, some of them equal, so that there are ties. */
  #vector(): number[] {
    return Array.from({ length: DIMENSIONS }, () => Math.round(gaussian(this.#random) * 2) / 2 + 9)
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!
  }
}

test('identities are found as by a plain loop, whatever is written between', async () => {
  const twin = new Twin('people', seededRandom(SEED))
  await twin.create('who.name')
  const ids = Array.from({ length: 120 }, (_, i) => `r${i}`)
  await twin.put(ids)
  await twin.compare('as stored')
  for (let round = 0; round < 6; round++) {
    await twin.put(ids.slice(round * 5, round * 5 + 8))
    await twin.compare('after replacing')
    for (const id of ids.slice(100, 104)) await twin.move(id)
    await twin.compare('after moving')
    await twin.delete([`r${round}`, `r${round + 40}`])
    await twin.compare('after deleting')
    await twin.put([`r${round}`, `r${round + 40}`, `new${round}`])
    await twin.compare('after adding')
  }
})

test('the cost and the memory of the sets are reported', async () => {
  const base = '/v1/collections/costs'
  await send('PUT', base, { dimensions: 2, metric: 'cosine', identityField: 'who' })
  const points = Array.from({ length: 40 }, (_, i) => ({
    id: `p${i}`,
    vector: [Math.cos(i), Math.sin(i)],
    metadata: { who: i >> 1 },
  }))
  await send('POST', `${base}/vectors`, { points })
  const before = (await send('GET', base)).body.bytes.memory
  const { body } = await send('POST', `${base}/identities/search`, {
    query: { vectors: [[3, 0]] },
    include: ['explain'],
  })
  const { explain, identities } = body
  assert.equal(identities.length, 10)
  // Of p12 and p13, both within 0.6 of a full turn, p12 is the farther.
  const [{ identity, records, nearest, distance }] = identities
  assert.deepEqual([identity, records, nearest.id], [6, 2, 'p13'])
  assertClose(distance, 1 - Math.cos(12), 'distance', 1e-7)
  assertClose(nearest.distance, 1 - Math.cos(13), 'nearest', 1e-7)
  assert.deepEqual(explain, { plan: 'scan', identities: 20, distances: 20 })
  assert.equal((await send('GET', base)).body.bytes.memory - before, 40 * 2 * 4)
})

test('an identity of too many records is named and left out, until it has fewer', async () => {
  const base = '/v1/collections/large'
  await send('PUT', base, { dimensions: 1, metric: 'euclidean', identityField: 'who' })
  const points = Array.from({ length: 258 }, (_, i) => ({
    id: `p${i}`,
    vector: [i + 1],
    metadata: { who: i < 257 ? 'many' : 'one' },
  }))
  await send('POST', `${base}/vectors`, { points })
  const search = async () => {
    const query = { vectors: [[258]] }
    const { body } = await send('POST', `${base}/identities/search`, { query })
    const found = body.identities.map(({ identity, distance }: Record<string, unknown>) => {
      return [identity, distance]
    })
    return { found, tooLarge: body.tooLarge, complete: body.complete }
  }
  assert.deepEqual(await search(), { found: [['one', 0]], tooLarge: ['many'], complete: false })
  const refused = await send('POST', `${base}/identities/search`, { query: { identity: 'many' } })
  assert.equal(refused.body.code, 'IDENTITY_TOO_LARGE')
  await send('DELETE', `${base}/images/p0`)
  const found = [
    ['one', 0],
    ['many', 256],
  ]
  assert.deepEqual(await search(), { found, tooLarge: [], complete: true })
  await send('PATCH', `${base}/images/p257`, { metadata: { who: 'many' } })
  assert.deepEqual(await search(), { found: [], tooLarge: ['many'], complete: false })
})

test('within a radius alone no more than 1000 identities are shown, and that is said', async () => {
  const base = '/v1/collections/wide'
  await send('PUT', base, { dimensions: 1, metric: 'euclidean', identityField: 'who' })
  const points = Array.from({ length: 1001 }, (_, i) => ({
    id: `p${i}`,
    vector: [i + 1],
    metadata: { who: i },
  }))
  await send('POST', `${base}/vectors`, { points })
  const within = async (body: object) => {
    const query = { vectors: [[1]] }
    const answer = await send('POST', `${base}/identities/search`, { query, ...body })
    return [answer.body.identities.length, answer.body.complete]
  }
  assert.deepEqual(await within({ radius: 1000 }), [1000, false])
  assert.deepEqual(await within({ radius: 999 }), [1000, true])
  assert.deepEqual(await within({ radius: 1000, k: 3 }), [3, true])
  assert.deepEqual(await within({}), [10, true])
})

test('one stranger among the pictures of an identity does not move its template, nor win by votes', async () => {
  const base = '/v1/collections/strangers'
  await send('PUT', base, { dimensions: 2, metric: 'euclidean', identityField: 'who' })
  const sets = {
    ann: [
      [10, 0],
      [10, 1],
      [10, 2],
      [50, 50],
    ],
    bob: [
      [40, 50],
      [40, 51],
    ],
  }
  const points = Object.entries(sets).flatMap(([who, set]) =>
    set.map((vector, i) => ({ id: `${who}${i}`, vector, metadata: { who } })),
  )
  await send('POST', `${base}/vectors`, { points })
  const search = async (distance: string, vectors: readonly number[][]) => {
    const { body } = await send('POST', `${base}/identities/search`, {
      query: { vectors },
      distance,
    })
    return body.identities.map(({ identity, distance, votes }: Record<string, unknown>) => {
      return votes === undefined ? [identity, distance] : [identity, distance, votes]
    })
  }
  // Ann's picture at (50, 50) is not of her, and is what `nearest` believes.
  assert.deepEqual(await search('nearest', [[47, 50]]), [
    ['ann', 3],
    ['bob', 7],
  ])
  const byTemplate = await search('template', [[47, 50]])
  assert.deepEqual(
    byTemplate.map(([identity]: unknown[]) => identity),
    ['bob', 'ann'],
  )
  assertClose(byTemplate[0][1], Math.hypot(7, 0.5), "Bob's centre is (40, 50.5)", 1e-6)
  assertClose(byTemplate[1][1], Math.hypot(37, 49), "Ann's centre is (10, 1)", 1e-5)
  const three = [
    [41, 50],
    [41, 51],
    [50, 49],
  ]
  const [first, second] = await search('votes', three)
  assert.deepEqual([first[0], first[2], second[0], second[2]], ['bob', 2, 'ann', 1])
  // A picture that moves away moves the template with it.
  await send('PATCH', `${base}/images/ann3`, { metadata: { who: 'bob' } })
  await send('PATCH', `${base}/images/ann2`, { metadata: { who: null } })
  const [, moved] = await search('template', [[10, 0]])
  const [ann] = await search('template', [[10, 0]])
  assertClose(ann[1], 0.5, "Ann's centre is (10, .5)", 1e-6)
  assert.equal(moved[0], 'bob')
})

test('a dropped collection takes its sets along, and one without records has none', async () => {
  const twin = new Twin('again', seededRandom(SEED))
  await twin.create('who.name')
  await twin.put(['a', 'b'])
  await twin.search({ query: { vectors: [[1, 2, 3, 4, 5, 6]] } })
  assert.equal((await send('DELETE', twin.base)).status, 204)
  await twin.create('who.name')
  const { body } = await twin.search({ query: { vectors: [[1, 2, 3, 4, 5, 6]] } })
  assert.deepEqual([body.identities, body.complete], [[], true])
})

test('images of one thing find its identity, as JSON and as a form', async () => {
  const base = '/v1/collections/drawings'
  await send('PUT', base, { identityField: 'what' })
  const drawing = (name: string) => readFileSync(`examples/emoji/${name}.png`)
  const things = {
    fox: 'animal-mammal/fox_face.google',
    rocket: 'transport-air/rocket.google',
    apple: 'food-fruit/apple.google',
  }
  for (const [what, file] of Object.entries(things)) {
    const path = `${base}/images/${what}?metadata=${encodeURIComponent(JSON.stringify({ what }))}`
    const sent = await send('PUT', path, new Uint8Array(drawing(file)), {
      'content-type': 'image/png',
    })
    assert.equal(sent.status, 201, JSON.stringify(sent.body))
  }
  const images = ['google', 'twitter'].map((by) => drawing(`animal-mammal/fox_face.${by}`))
  const data = images.map((bytes) => ({ data: bytes.toString('base64') }))
  const json = await send('POST', `${base}/identities/search`, { query: { images: data }, k: 1 })
  const form = new FormData()
  form.set('request', JSON.stringify({ k: 1 }))
  for (const bytes of images) form.append('image', new Blob([new Uint8Array(bytes)]), 'fox.png')
  const multipart = await send('POST', `${base}/identities/search`, form)
  assert.equal(json.body.identities[0].identity, 'fox')
  // One image is the stored one; the other, of another hand, is what counts.
  assert.equal(json.body.identities[0].nearest.distance, 0)
  assert.ok(json.body.identities[0].distance > 0)
  assert.deepEqual(multipart.body.identities, json.body.identities)
})

test('a query that makes no sense is refused by name', async () => {
  const twin = new Twin('refusals', seededRandom(SEED))
  await twin.create('who.name')
  await twin.put(['a', 'b'])
  const plain = '/v1/collections/plain'
  await send('PUT', plain, { dimensions: 2 })
  const codes = '/v1/collections/codes'
  await send('PUT', codes, { dimensions: 512, memory: 'codes', identityField: 'who' })
  const cases: readonly [path: string, body: object, status: number, code: string][] = [
    [twin.base, {}, 400, 'INVALID_REQUEST'],
    [twin.base, { query: {} }, 400, 'INVALID_REQUEST'],
    [twin.base, { query: { identity: 'ann', ids: ['a'] } }, 400, 'INVALID_REQUEST'],
    [twin.base, { query: { identity: null } }, 400, 'INVALID_REQUEST'],
    [twin.base, { query: { vectors: [] } }, 400, 'INVALID_REQUEST'],
    [twin.base, { query: { ids: Array(65).fill('a') } }, 400, 'INVALID_REQUEST'],
    [twin.base, { query: { identity: 'ann' }, distance: 'mean' }, 400, 'INVALID_REQUEST'],
    [twin.base, { query: { identity: 'ann' }, k: 0 }, 400, 'INVALID_REQUEST'],
    [twin.base, { query: { identity: 'ann' }, k: 1001 }, 400, 'INVALID_REQUEST'],
    [twin.base, { query: { identity: 'ann' }, radius: -1 }, 400, 'INVALID_REQUEST'],
    [twin.base, { query: { identity: 'ann' }, filter: {} }, 400, 'INVALID_REQUEST'],
    [twin.base, { query: { vectors: [[1, 2]] } }, 400, 'DIMENSION_MISMATCH'],
    [twin.base, { query: { images: [{ data: 'AAAA' }] } }, 409, 'COLLECTION_WITHOUT_MODEL'],
    [twin.base, { query: { ids: ['nobody'] } }, 404, 'RECORD_NOT_FOUND'],
    [twin.base, { query: { identity: 'nobody' } }, 404, 'IDENTITY_NOT_FOUND'],
    [plain, { query: { identity: 'ann' } }, 409, 'COLLECTION_WITHOUT_IDENTITIES'],
    [codes, { query: { identity: 'ann' } }, 400, 'INVALID_REQUEST'],
    ['/v1/collections/none', { query: { identity: 1 } }, 404, 'COLLECTION_NOT_FOUND'],
  ]
  for (const [path, body, status, code] of cases) {
    const answer = await send('POST', `${path}/identities/search`, body)
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(body))
  }
})
