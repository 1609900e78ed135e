import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { seededRandom } from '../../src/vector/random.ts'
import { type Answer, call, startServer, type TestServer } from '../support/http.ts'
import { gaussianVectors } from '../support/random-vectors.ts'
import { openService, type TestService } from '../support/service.ts'

const SEED = 14
const PATH = '/v1/collections/points'
const RECORDS = 600

let service: TestService
let server: TestServer
let vectors: readonly Float32Array[]

before(async () => {
  service = await openService({ graphFrom: 300 })
  server = await startServer(service.collections, { gauges: service.gauges })
  vectors = gaussianVectors(seededRandom(SEED), RECORDS, 16)
  await send('PUT', PATH, { dimensions: 16, latencyBudgetMs: 60_000, recallTarget: 0.9 })
  const points = vectors.map((vector, i) => {
    return { id: `p${i}`, vector: [...vector], metadata: { even: i % 2 === 0 } }
  })
  await send('POST', `${PATH}/vectors`, { points })
  let { graph } = (await send('GET', PATH)).body
  while (graph.kind !== 'ready' || graph.fresh > 0) graph = (await send('GET', PATH)).body.graph
})

after(async () => {
  await server.server.close()
  await service.close()
})

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  return call(server, method, path, body)
}

async function search(body: object): Promise<Answer['body']> {
  const query = { vector: [...vectors[3]!] }
  return (await send('POST', `${PATH}/search`, { query, include: ['explain'], ...body })).body
}

test('the budget and the recall target are members of a collection, 5 ms and .95 unless given', async () => {
  const { body } = await send('GET', PATH)
  assert.equal(body.latencyBudgetMs, 60_000)
  assert.equal(body.recallTarget, 0.9)
  const plain = (await send('PUT', '/v1/collections/plain', { dimensions: 3 })).body
  assert.equal(plain.latencyBudgetMs, 5)
  assert.equal(plain.recallTarget, 0.95)
  const other = await send('PUT', '/v1/collections/plain', { dimensions: 3, latencyBudgetMs: 6 })
  assert.equal(other.body.code, 'COLLECTION_DIFFERS')
})

test('a budget or target that cannot be kept is refused by name', async () => {
  const wrong = { dimensions: 3, latencyBudgetMs: -1, recallTarget: 1 }
  const { status, body } = await send('PUT', '/v1/collections/wrong', wrong)
  assert.equal(status, 400)
  const paths = body.errors.map(({ path }: { path: string }) => path)
  assert.deepEqual(paths.sort(), ['/latencyBudgetMs', '/recallTarget'])
})

test('auto is exact within a large budget, and says what it expected and what it took', async () => {
  const { exact, explain } = await search({})
  assert.equal(exact, true)
  assert.ok(explain.predictedMs > 0)
  assert.ok(explain.measuredMs > 0)
})

test('an answer in pages has no gaps where the graph would have left some', async () => {
  const whole = await search({ k: 30, accuracy: 'exact' })
  const ids: string[] = []
  for (let cursor: string | null = null; ids.length < 30; ) {
    const page: Answer['body'] = await search({ k: 30, limit: 7, accuracy: 'approximate', cursor })
    assert.equal(page.exact, true)
    ids.push(...page.matches.map(({ id }: { id: string }) => id))
    cursor = page.cursor
  }
  assert.deepEqual(
    ids,
    whole.matches.map(({ id }: { id: string }) => id),
  )
})

test('the recall of real queries comes to be known, in the status and to Prometheus', async () => {
  let measured = []
  while (measured.length === 0) {
    await search({ accuracy: 'approximate' })
    measured = (await send('GET', PATH)).body.recall
  }
  const [{ filter, ef, recall, low, high, queries }] = measured
  assert.equal(filter, 'all')
  assert.ok(ef >= 16 && queries >= 1)
  assert.ok(0 <= low && low <= recall && recall <= high && high <= 1)
  const { exact, explain } = await search({ accuracy: 'approximate' })
  assert.deepEqual([exact, Object.keys(explain.recall)], [false, Object.keys(measured[0])])
  assert.equal('recall' in (await search({ accuracy: 'exact' })).explain, false)
  const metrics = Buffer.from((await send('GET', '/metrics')).body).toString()
  for (const name of ['recall', 'recall_low', 'recall_queries']) {
    assert.match(metrics, new RegExp(`lookalike_${name}\\{filter="all"\\} [0-9.]+`))
  }
})
