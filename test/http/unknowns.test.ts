import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterMeasures } from '../../src/evaluation/cluster-measures.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { calibrated } from '../support/calibrated.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 1842
const DIMENSIONS = 6
const PATH = '/v1/collections/seen'
const PEOPLE = 16

const send = serveOverHttp()
const random = seededRandom(SEED)

interface Point {
  readonly id: string
  readonly vector: number[]
  readonly who: number
  readonly metadata: Record<string, unknown>
}

const centre = () => Array.from({ length: DIMENSIONS }, () => 4 * gaussian(random))
const around = (of: readonly number[]) => of.map((value) => value + 0.3 * gaussian(random))
const centres = Array.from({ length: PEOPLE }, centre)
const points: Point[] = Array.from({ length: 150 }, (_, i) => {
  const who = Math.floor(random() * PEOPLE)
  const named = i % 3 === 0
  const metadata = {
    ...(named && { who: `p${who}` }),
    ...(i % 7 === 1 && { who: null }),
    day: i % 2,
  }
  return {
    id: `r${String((i * 37) % 150).padStart(3, '0')}`,
    vector: around(centres[who]!),
    who,
    metadata,
  }
})
const nameless = points.filter(({ metadata }) => typeof metadata.who !== 'string')

const distance = (a: readonly number[], b: readonly number[]) =>
  Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0))

/** Joins the two clusters that are nearest by the mean over all pairs, which are measured anew each time. */
function naive(of: readonly Point[], radius: number): string[][] {
  const clusters = of.map((point) => [point])
  for (;;) {
    let [least, a, b] = [Number.POSITIVE_INFINITY, -1, -1]
    for (let i = 0; i < clusters.length; i++) {
      for (let j = 0; j < i; j++) {
        let sum = 0
        for (const p of clusters[i]!)
          for (const q of clusters[j]!) sum += distance(p.vector, q.vector)
        const mean = sum / clusters[i]!.length / clusters[j]!.length
        if (mean < least) [least, a, b] = [mean, i, j]
      }
    }
    if (least > radius) break
    clusters[b]!.push(...clusters[a]!)
    clusters.splice(a, 1)
  }
  return clusters.map((own) => own.map(({ id }) => id).sort())
}

const byFirst = (lists: readonly (readonly string[])[]) =>
  [...lists].sort((a, b) => (a[0]! < b[0]! ? -1 : 1))

async function all(body: object): Promise<{ ids: string[]; spread: number; complete: boolean }[]> {
  const found = []
  for (let cursor: string | null = null; ; ) {
    const { status, body: page } = await send('POST', `${PATH}/identities/unknowns`, {
      ...body,
      cursor,
    })
    assert.equal(status, 200, JSON.stringify(page))
    assert.equal(page.complete, page.cursor === null)
    found.push(...page.clusters)
    cursor = page.cursor
    if (cursor === null) return found
  }
}

test('a collection is made', async () => {
  await send('PUT', PATH, { dimensions: DIMENSIONS, metric: 'euclidean', identityField: 'who' })
  const sent = points.map(({ id, vector, metadata }) => ({ id, vector, metadata }))
  assert.equal((await send('POST', `${PATH}/vectors`, { points: sent })).status, 200)
})

test('without a radius and without a calibration the call says what is missing', async () => {
  const { status, body } = await send('POST', `${PATH}/identities/unknowns`, {})
  assert.deepEqual([status, body.code], [404, 'CALIBRATION_NOT_FOUND'])
})

test('all pages together are the clusters of a plain loop over the records without identity', async () => {
  for (const radius of [0, 0.9, 1.4, 4]) {
    const wanted = byFirst(naive(nameless, radius))
    for (const limit of [3, 1000]) {
      const found = await all({ radius, minRecords: 1, limit })
      const message = `radius ${radius}, limit ${limit}, seed ${SEED}`
      assert.deepEqual(byFirst(found.map(({ ids }) => ids)), wanted, message)
      assert.ok(found.every(({ complete }) => complete))
    }
  }
})

test('the spread of a cluster is its largest distance', async () => {
  const vectors = new Map(points.map(({ id, vector }) => [id, vector]))
  for (const { ids, spread } of await all({ radius: 1.4, minRecords: 1 })) {
    const each = ids.flatMap((a) => ids.map((b) => distance(vectors.get(a)!, vectors.get(b)!)))
    // Vectors are kept in float32.
    assert.ok(Math.abs(spread - Math.max(...each)) < 1e-5, `${spread}`)
  }
})

test('small clusters are left out, two records are the least unless said, and a filter takes records away', async () => {
  const wanted = naive(nameless, 1.2)
  const of = async (body: object) =>
    byFirst((await all({ radius: 1.2, ...body })).map(({ ids }) => ids))
  assert.deepEqual(await of({}), byFirst(wanted.filter((ids) => ids.length >= 2)))
  assert.deepEqual(await of({ minRecords: 5 }), byFirst(wanted.filter((ids) => ids.length >= 5)))
  const today = nameless.filter(({ metadata }) => metadata.day === 1)
  assert.deepEqual(await of({ filter: { day: 1 }, minRecords: 1 }), byFirst(naive(today, 1.2)))
})

test('a calibrated collection needs no radius, and finds the people of made data', async () => {
  await calibrated(send, PATH)
  const { clusters } = (await send('GET', `${PATH}/calibration`)).body
  assert.ok(clusters.pairwise.f > 0.9, JSON.stringify(clusters))
  const { body } = await send('POST', `${PATH}/identities/unknowns`, { minRecords: 1, limit: 1000 })
  assert.deepEqual([body.radius, body.source], [clusters.radius, 'calibration'])
  const found: { ids: string[] }[] = body.clusters
  const numbers = new Map(found.flatMap(({ ids }, i) => ids.map((id) => [id, i] as const)))
  const inClusters = Int32Array.from(nameless, ({ id }) => numbers.get(id)!)
  const people = Int32Array.from(nameless, ({ who }) => who)
  const { pairwise, bcubed } = clusterMeasures(inClusters, people)
  assert.ok(pairwise.f > 0.9 && bcubed.f > 0.9, `${pairwise.f}, ${bcubed.f}, seed ${SEED}`)
})

test('what gets a name leaves its cluster, and the others stay as they are', async () => {
  const before = await all({ radius: 0.9 })
  const named = before[1]!.ids
  for (const id of named) await send('PATCH', `${PATH}/images/${id}`, { metadata: { who: 'new' } })
  const after = await all({ radius: 0.9 })
  assert.deepEqual(
    after,
    before.filter((_, i) => i !== 1),
  )
})

test('a cursor belongs to its request', async () => {
  const path = `${PATH}/identities/unknowns`
  const { cursor } = (await send('POST', path, { radius: 0.5, limit: 1 })).body
  const other = await send('POST', path, { radius: 0.6, limit: 1, cursor })
  assert.deepEqual([other.status, other.body.code], [400, 'INVALID_CURSOR'])
})

test('a collection without an identity field has no unknown records', async () => {
  await send('PUT', '/v1/collections/plain', { dimensions: 2 })
  const { status, body } = await send('POST', '/v1/collections/plain/identities/unknowns', {
    radius: 1,
  })
  assert.deepEqual([status, body.code], [409, 'COLLECTION_WITHOUT_IDENTITIES'])
})

test('one without any record to name has no cluster, and one alone has a cluster of one', async () => {
  const path = '/v1/collections/lone'
  await send('PUT', path, { dimensions: 2, identityField: 'who' })
  const ask = async (body: object) => (await send('POST', `${path}/identities/unknowns`, body)).body
  assert.deepEqual((await ask({ radius: 1 })).clusters, [])
  await send('POST', `${path}/vectors`, { points: [{ id: 'a', vector: [1, 2] }] })
  const { clusters } = await ask({ radius: 1, minRecords: 1 })
  assert.deepEqual(clusters, [{ ids: ['a'], spread: 0, complete: true }])
})

test('a chain of more than 1,000 records is clustered in part, and says so', async () => {
  const path = '/v1/collections/crowd'
  await send('PUT', path, { dimensions: 2, metric: 'euclidean', identityField: 'who' })
  const chain = Array.from({ length: 1100 }, (_, i) => {
    return { id: String(i).padStart(4, '0'), vector: [i / 2, 1] }
  })
  await send('POST', `${path}/vectors`, { points: chain })
  const { body } = await send('POST', `${path}/identities/unknowns`, { radius: 0.5 })
  assert.ok(body.clusters.length > 300)
  assert.ok(body.clusters.every((cluster: { complete: boolean }) => !cluster.complete))
})
