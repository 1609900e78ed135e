import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../src/vector/random.ts'
import { gaussianVectors } from '../support/random-vectors.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 9
const PATH = '/v1/collections/points'

const send = serveOverHttp({ graphFrom: 300 })

test('accuracy approximate is answered by the graph once there is one, and the status says how far it is', async () => {
  const vectors = gaussianVectors(seededRandom(SEED), 600, 16)
  const points = vectors.map((vector, i) => ({ id: `p${i}`, vector: [...vector] }))
  await send('PUT', PATH, { dimensions: 16, metric: 'cosine' })
  const none = { kind: 'none', reason: 'fewer than 300 records' }
  assert.deepEqual((await send('GET', PATH)).body.graph, none)
  await send('POST', `${PATH}/vectors`, { points: points.slice(0, 200) })
  const query = {
    query: { vector: points[7]!.vector },
    k: 20,
    accuracy: 'approximate',
    include: ['explain'],
  }
  const early = (await send('POST', `${PATH}/search`, query)).body
  assert.equal(early.exact, true)
  assert.equal(early.explain.plan, 'scan while the graph is not ready')
  assert.equal('ef' in early.explain, false)

  await send('POST', `${PATH}/vectors`, { points: points.slice(200) })
  let status = (await send('GET', PATH)).body
  while (status.graph.kind !== 'ready' || status.graph.fresh > 0) {
    status = (await send('GET', PATH)).body
  }
  assert.deepEqual(status.graph, {
    kind: 'ready',
    records: 600,
    fresh: 0,
    dead: 0,
    rebuilding: null,
  })
  const found = (await send('POST', `${PATH}/search`, query)).body
  const exactly = (await send('POST', `${PATH}/search`, { ...query, accuracy: 'exact' })).body
  assert.equal(found.exact, false)
  assert.equal(exactly.exact, true)
  assert.equal(found.explain.plan, 'graph')
  assert.ok(found.explain.ef >= 20)
  assert.equal(found.matches.length, 20)
  const same = found.matches.filter((match: { id: string; distance: number }) =>
    exactly.matches.some(
      (right: typeof match) => right.id === match.id && right.distance === match.distance,
    ),
  )
  assert.ok(same.length >= 19, `seed ${SEED}: ${same.length} of 20 are right`)
})

test('a collection with only codes in memory has no graph, and says so in its status and in answers', async () => {
  const vectors = gaussianVectors(seededRandom(SEED), 400, 64)
  const path = '/v1/collections/codes'
  await send('PUT', path, { dimensions: 64, metric: 'euclidean', memory: 'codes' })
  const points = vectors.map((vector, i) => ({ id: `p${i}`, vector: [...vector] }))
  await send('POST', `${path}/vectors`, { points })
  const { graph, plan } = (await send('GET', path)).body
  assert.deepEqual(graph, { kind: 'none', reason: 'memory "codes" keeps no graph' })
  assert.equal(plan, 'scan')
  const query = { query: { vector: points[7]!.vector }, include: ['explain'] }
  const answer = (await send('POST', `${path}/search`, { ...query, accuracy: 'approximate' })).body
  assert.equal(answer.exact, true)
  assert.equal(answer.explain.plan, 'scan as memory "codes" keeps no graph')
  const filtered = { ...query, accuracy: 'approximate', filter: { absent: { $exists: false } } }
  const { plan: why } = (await send('POST', `${path}/search`, filtered)).body.explain
  assert.match(why, /as memory "codes" keeps no graph$/)
  assert.equal((await send('POST', `${path}/search`, query)).body.explain.plan, 'scan')
})

test('a request may say how many candidates the graph keeps in sight, beside accuracy approximate only', async () => {
  const vector = Array.from({ length: 16 }, (_, i) => i - 7)
  const search = (body: object) => {
    return send('POST', `${PATH}/search`, { query: { vector }, include: ['explain'], ...body })
  }
  for (const ef of [16, 200]) {
    const { explain } = (await search({ accuracy: 'approximate', ef })).body
    assert.deepEqual([explain.plan, explain.ef], ['graph', ef])
  }
  const { explain } = (await search({ accuracy: 'approximate', ef: 1, k: 30 })).body
  assert.deepEqual([explain.ef, explain.levels[0].candidates], [30, 30])
  const exactly = await search({ ef: 16, accuracy: 'exact' })
  assert.equal(exactly.status, 400)
  assert.match(exactly.body.detail, /expected accuracy "approximate" beside it, got "exact"/)
  assert.match((await search({ ef: 16 })).body.detail, /got none/)
  assert.equal((await search({ ef: 2001, accuracy: 'approximate' })).status, 400)
})
