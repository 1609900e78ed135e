import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'
import type { Answer } from '../support/http.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 11

const send = serveOverHttp()

/** A collection of uniform points; deleted ones make gaps in the rows. */
async function points(name: string, count: number, metric: string): Promise<number[][]> {
  const base = `/v1/collections/${name}`
  const random = seededRandom(SEED)
  const vectors = Array.from({ length: count + 20 }, () => [random(), random(), random()])
  assert.equal((await send('PUT', base, { dimensions: 3, metric })).status, 201)
  const all = vectors.map((vector, i) => ({ id: `p${i}`, vector }))
  assert.equal((await send('POST', `${base}/vectors`, { points: all })).status, 200)
  const ids = Array.from({ length: 20 }, (_, i) => `p${i * 2}`)
  assert.equal((await send('POST', `${base}/images/delete`, { ids })).body.deleted, 20)
  return vectors.filter((_, i) => !ids.includes(`p${i}`))
}

async function statistics(name: string, query = ''): Promise<Answer> {
  return send('GET', `/v1/collections/${name}/statistics${query}`)
}

/** Published distances from each point to each other one, by their definition. */
function distances(vectors: number[][], metric: string): number[][] {
  return vectors.map((a, i) =>
    vectors
      .filter((_, j) => j !== i)
      .map((b) => {
        if (metric === 'euclidean') return Math.hypot(...a.map((x, at) => x - b[at]!))
        const dot = a.reduce((sum, x, at) => sum + x * b[at]!, 0)
        return 1 - dot / (Math.hypot(...a) * Math.hypot(...b))
      }),
  )
}

for (const metric of ['euclidean', 'cosine']) {
  test(`in a small ${metric} collection nothing is left to estimate`, async () => {
    const name = `small-${metric}`
    const all = distances(await points(name, 50, metric), metric)
    const sorted = all.flat().sort((a, b) => a - b)
    const median = sorted[sorted.length >> 1]! + 1e-6
    const { body } = await statistics(name, `?radius=${median}&count=7`)
    assert.deepEqual(body.sample, {
      seed: 1,
      records: 50,
      queries: 50,
      pairs: 50 * 49,
      neighbours: 49,
    })
    const least = body.distances.quantiles[0].distance
    const greatest = body.distances.quantiles.at(-1).distance
    assertClose(least, sorted[0]!, 'the least', 1e-6)
    assertClose(greatest, sorted.at(-1)!, 'the greatest', 1e-6)
    const mean = sorted.reduce((sum, d) => sum + d, 0) / sorted.length
    assertClose(body.distances.mean, mean, 'the mean', 1e-6)
    const hits = (radius: number) => sorted.filter((distance) => distance <= radius).length / 50
    assert.deepEqual(body.expectedHits, { radius: median, hits: hits(median) })
    const { radius } = body.expectedRadius
    assert.ok(hits(radius + 1e-6) >= 7, `seed ${SEED}: ${hits(radius)} within ${radius}`)
    assert.ok(hits(radius - 1e-6) < 7, `seed ${SEED}: ${hits(radius)} within ${radius}`)
  })
}

test('a large collection is sampled: the estimate is near the truth, and the same again', async () => {
  const vectors = await points('large', 2000, 'euclidean')
  const all = distances(vectors, 'euclidean')
  const radius = 0.4
  const truth = all.flat().filter((distance) => distance <= radius).length / 2000
  const path = `?radius=${radius}&count=1500`
  const { body } = await statistics('large', path)
  assert.deepEqual([body.count, body.sample.records, body.sample.queries], [2000, 320, 64])
  assert.ok(
    Math.abs(body.expectedHits.hits / truth - 1) < 0.2,
    `seed ${SEED}: expected ${body.expectedHits.hits}, there are ${truth}`,
  )
  const { lid } = body.intrinsicDimension
  assert.ok(Math.abs(lid - 3) < 0.6, `seed ${SEED}: points in 3 dimensions got ${lid}`)
  assert.equal(body.cost.levels[0].candidates, 1999)
  assert.deepEqual((await statistics('large', path)).body, body)
  const other = await statistics('large', `${path}&seed=2`)
  assert.notEqual(other.body.distances.mean, body.distances.mean)
})

test('without a pair of records there is nothing to say', async () => {
  const base = '/v1/collections/one'
  await send('PUT', base, { dimensions: 2, metric: 'cosine' })
  await send('POST', `${base}/vectors`, { points: [{ id: 'a', vector: [1, 2] }] })
  const { body } = await statistics('one', '?radius=1&count=1')
  assert.deepEqual(
    [body.count, body.distances, body.cost, body.approximation, body.intrinsicDimension],
    [1, null, null, null, { rho: null, lid: null }],
  )
  assert.deepEqual([body.expectedHits.hits, body.expectedRadius.radius], [null, null])
})

test('a radius may be written as any client writes a number', async () => {
  for (const [text, radius] of [
    ['1e3', 1000],
    ['.5', 0.5],
    ['2.', 2],
    ['1.5E%2B1', 15],
    ['25e-2', 0.25],
  ] as const) {
    const { status, body } = await statistics('one', `?radius=${text}`)
    assert.deepEqual([status, body.expectedHits?.radius], [200, radius], text)
  }
})

test('a radius may be any distance of an answer, and what is no number is refused', async () => {
  const base = '/v1/collections/small-cosine'
  const { body } = await send('POST', `${base}/search`, { query: { id: 'p1' }, k: 49 })
  for (const { distance } of body.matches) {
    const answer = await statistics('small-cosine', `?radius=${distance}`)
    assert.equal(answer.body.expectedHits?.radius, distance)
  }
  for (const query of ['?radius=far', '?radius=-1', '?count=0', '?count=1.5', '?seed=-1', '?k=1']) {
    const refused = await statistics('small-cosine', query)
    assert.deepEqual([refused.status, refused.body.code], [400, 'INVALID_REQUEST'], query)
  }
})
