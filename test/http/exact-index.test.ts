import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gaussian, type Random, seededRandom } from '../../src/vector/random.ts'
import type { Answer } from '../support/http.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const TREES = ['vp-tree', 'm-tree'] as const
const SEED = 5
const DIMENSIONS = 8
/** Searches until a tree is built; each is a turn of the service. */
const MAX_TRIES = 5000

const send = serveOverHttp()

/** Clusters, where a tree can leave something out, and every tenth point twice. */
function clustered(random: Random, count: number) {
  const centres = Array.from({ length: 20 }, () => vector(random, 1))
  const points = Array.from({ length: count }, (_, i) => {
    const near = vector(random, 0.05)
    return {
      id: `p${i}`,
      vector: centres[i % 20]!.map((x, at) => x + near[at]!),
      metadata: { even: i % 2 === 0 },
    }
  })
  return points.map((point, i) =>
    i % 10 === 9 ? { ...point, vector: points[i - 1]!.vector } : point,
  )
}

function vector(random: Random, scale: number): number[] {
  return Array.from({ length: DIMENSIONS }, () => scale * gaussian(random))
}

async function create(name: string, metric: string, count: number) {
  const base = `/v1/collections/${name}`
  const points = clustered(seededRandom(SEED), count)
  assert.equal((await send('PUT', base, { dimensions: DIMENSIONS, metric })).status, 201)
  assert.equal((await send('POST', `${base}/vectors`, { points })).status, 200)
  return { base, points }
}

async function untilBuilt(base: string, tree: string, query: object): Promise<Answer> {
  for (let i = 0; i < MAX_TRIES; i++) {
    const answer = await send('POST', `${base}/search`, {
      ...query,
      exactIndex: tree,
      include: ['explain'],
    })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    if (answer.body.explain.plan === tree) return answer
    assert.equal(answer.body.explain.plan, `scan while the ${tree} is not ready`)
  }
  throw new Error(`the ${tree} was not built in ${MAX_TRIES} searches`)
}

/** All pages of an answer, by one index. */
async function matches(base: string, query: object, exactIndex: string) {
  const found: unknown[] = []
  let cursor: string | null = null
  do {
    const { status, body } = await send('POST', `${base}/search`, { ...query, exactIndex, cursor })
    assert.equal(status, 200, JSON.stringify(body))
    found.push(...body.matches)
    cursor = body.cursor
  } while (cursor !== null)
  return found
}

function queries(points: readonly { id: string; vector: number[] }[], radius: number): object[] {
  const by = { vector: points[123]!.vector.map((x) => x + 0.01) }
  return [
    { query: by, k: 10 },
    { query: { id: 'p9' }, k: 1 },
    { query: by, k: 25, limit: 7 },
    { query: by, radius },
    { query: by, radius, limit: 13 },
    { query: by, k: 30, radius, filter: { even: true } },
    { query: by, k: 5, filter: { even: { $exists: false } } },
    { query: { positive: [{ id: 'p1' }], negative: [{ id: 'p2' }] }, k: 12 },
  ]
}

for (const metric of ['cosine', 'euclidean']) {
  for (const tree of TREES) {
    test(`a ${tree} answers as the scan does, also after writes (${metric})`, async () => {
      const { base, points } = await create(`${metric}-${tree}`, metric, 2000)
      const query = { query: { vector: points[7]!.vector }, k: 10 }
      const built = await untilBuilt(base, tree, query)
      const { distances } = built.body.explain
      assert.ok(distances < 1000, `seed ${SEED}: ${distances} distances of 2000 records`)
      // A radius that is the distance of a record: both sides of it must be decided the same way.
      const ranked = await send('POST', `${base}/search`, { ...queries(points, 0)[0], k: 60 })
      const radius = ranked.body.matches[59].distance
      const compare = async (what: string) => {
        for (const one of queries(points, radius)) {
          const expected = await matches(base, one, 'scan')
          const got = await matches(base, one, tree)
          assert.deepEqual(got, expected, `${what}, seed ${SEED}: ${JSON.stringify(one)}`)
        }
      }
      await compare('as built')

      const ids = Array.from({ length: 60 }, (_, i) => `p${i * 3 + 200}`)
      await send('POST', `${base}/images/delete`, { ids })
      const random = seededRandom(SEED + 1)
      const moved = points.slice(100, 150).map((point) => ({ ...point, vector: vector(random, 1) }))
      const fresh = moved.map((point, i) => ({
        ...point,
        id: `new${i}`,
        vector: points[123]!.vector,
      }))
      await send('POST', `${base}/vectors`, { points: [...moved, ...fresh] })
      await untilBuilt(base, tree, query)
      await compare('after deleting, replacing and adding')
    })
  }
}

test('an answer of a tree stands while records are written', async () => {
  const { base, points } = await create('busy', 'euclidean', 1000)
  const query = { query: { vector: points[7]!.vector }, k: 50 }
  await untilBuilt(base, 'vp-tree', query)
  const expected = await matches(base, query, 'scan')
  const far = points.slice(500, 600).map((point, i) => ({
    ...point,
    id: `far${i}`,
    vector: point.vector.map((x) => x + 1000),
  }))
  const writes = Array.from({ length: 10 }, () => send('POST', `${base}/vectors`, { points: far }))
  const searches = Array.from({ length: 20 }, () => matches(base, query, 'vp-tree'))
  for (const found of await Promise.all(searches)) assert.deepEqual(found, expected)
  await Promise.all(writes)
})

test('after many changes the scan answers until the tree has caught up', async () => {
  const base = '/v1/collections/changed'
  const dimensions = 1024
  const random = seededRandom(SEED)
  const points = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      id: `p${i}`,
      // Short numbers, so that the body stays small.
      vector: Array.from({ length: dimensions }, () => Math.round(100 * gaussian(random)) / 100),
    }))
  await send('PUT', base, { dimensions, metric: 'euclidean' })
  const query = { query: { vector: points(1)[0]!.vector }, k: 20 }
  for (const count of [400, 120, 300]) {
    assert.equal((await send('POST', `${base}/vectors`, { points: points(count) })).status, 200)
    const first = await send('POST', `${base}/search`, {
      ...query,
      exactIndex: 'vp-tree',
      include: ['explain'],
    })
    assert.equal(first.body.explain.plan, 'scan while the vp-tree is not ready')
    const built = await untilBuilt(base, 'vp-tree', query)
    assert.deepEqual(built.body.matches, await matches(base, query, 'scan'))
    assert.deepEqual(first.body.matches, built.body.matches)
  }
})

test('the memory of a tree is counted, and a dropped collection takes it along', async () => {
  const { base, points } = await create('dropped', 'euclidean', 500)
  const before = (await send('GET', base)).body.bytes.memory
  await untilBuilt(base, 'm-tree', { query: { vector: points[0]!.vector } })
  const memory = (await send('GET', base)).body.bytes.memory
  assert.equal(memory - before, 500 * DIMENSIONS * 4)
  const ids = points.slice(100, 200).map(({ id }) => id)
  await send('POST', `${base}/images/delete`, { ids })
  await untilBuilt(base, 'm-tree', { query: { vector: points[0]!.vector } })
  assert.equal((await send('GET', base)).body.bytes.memory - before, 400 * DIMENSIONS * 4)
  assert.equal((await send('DELETE', base)).status, 204)
  const again = await create('dropped', 'euclidean', 100)
  const found = await untilBuilt(again.base, 'm-tree', { query: { id: 'p5' }, k: 100 })
  assert.equal(found.body.matches.length, 99)
})

test('an empty collection has a tree too', async () => {
  const base = '/v1/collections/empty'
  await send('PUT', base, { dimensions: 2, metric: 'cosine' })
  for (const tree of TREES) {
    const { body } = await untilBuilt(base, tree, { query: { vector: [1, 0] } })
    assert.deepEqual(body.matches, [])
  }
})
