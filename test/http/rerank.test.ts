import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'
import { gaussianVectors } from '../support/random-vectors.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'
import { transcribed } from '../support/transcribed-k-reciprocal.ts'

const SEED = 1806
const DIMENSIONS = 8

const send = serveOverHttp()

const random = seededRandom(SEED)
const centres = gaussianVectors(random, 12, DIMENSIONS)
const records = gaussianVectors(random, 300, DIMENSIONS).map((noise, i) => ({
  id: `r${String(i).padStart(3, '0')}`,
  vector: noise.map((value, axis) => centres[i % 12]![axis]! + 0.8 * value),
  metadata: { odd: i % 2 === 1 },
}))

interface Match {
  readonly id: string
  readonly distance: number
  readonly reranked: number
  readonly vector: number[]
}

test('collections are made', async () => {
  for (const metric of ['euclidean', 'cosine']) {
    const path = `/v1/collections/${metric}`
    await send('PUT', path, { dimensions: DIMENSIONS, metric })
    const points = records.map(({ vector, ...rest }) => ({ ...rest, vector: [...vector] }))
    assert.equal((await send('POST', `${path}/vectors`, { points })).status, 200)
  }
})

async function search(metric: string, body: object) {
  const { status, body: answer } = await send('POST', `/v1/collections/${metric}/search`, body)
  assert.equal(status, 200, JSON.stringify(answer))
  return answer
}

const squaredOf = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0)

for (const metric of ['euclidean', 'cosine']) {
  test(`${metric}: k-reciprocal re-ranking is that of the paper on the candidates`, async () => {
    for (const [k1, k2, lambda, candidates] of [
      [20, 6, 0.3, 60],
      [5, 1, 0, 40],
      [50, 6, 0.5, 300],
    ] as const) {
      const id = `r${String(Math.floor(random() * 300)).padStart(3, '0')}`
      const base = { query: { id }, include: ['vector', 'explain'] }
      const { matches: nearest }: { matches: Match[] } = await search(metric, {
        ...base,
        k: Math.min(candidates, 299),
      })
      const { body: record } = await send(
        'GET',
        `/v1/collections/${metric}/images/${id}?include=vector`,
      )
      const rows = [record.vector, ...nearest.map(({ vector }) => vector)]
      const squared = rows.map((a) => rows.map((b) => squaredOf(a, b)))
      const [expected] = transcribed(squared, 1, k1, k2, lambda)
      const wanted = nearest
        .map((match, i) => ({ ...match, reranked: expected![i]! }))
        .sort((a, b) => a.reranked - b.reranked)
      const rerank = { method: 'k-reciprocal', k1, k2, lambda, candidates }
      const answer = await search(metric, { ...base, k: 15, rerank })
      assert.equal(answer.matches.length, 15)
      const expectedOf = new Map(wanted.map(({ id, ...rest }) => [id, rest]))
      for (const [i, match] of (answer.matches as Match[]).entries()) {
        const what = `${id}, k1 ${k1}, place ${i}, seed ${SEED}`
        // Equal places may be taken by either of two that are equally far.
        assertClose(match.reranked, wanted[i]!.reranked, what, 1e-6)
        assertClose(match.reranked, expectedOf.get(match.id)!.reranked, what, 1e-6)
        assert.equal(match.distance, expectedOf.get(match.id)!.distance)
      }
      assert.deepEqual(answer.rerank, {
        method: 'k-reciprocal',
        records: nearest.length,
        exactFor: 'candidates',
      })
      const before = nearest.slice(0, 15).map((match) => match.id)
      const after = (answer.matches as Match[]).map((match) => match.id)
      const { entered, left, moved, distances } = answer.explain.rerank
      assert.deepEqual(
        entered,
        after.filter((one) => !before.includes(one)),
      )
      assert.deepEqual(
        left,
        before.filter((one) => !after.includes(one)),
      )
      assert.equal(
        moved,
        after.filter((one, i) => before.includes(one) && before[i] !== one).length,
      )
      assert.equal(distances, (nearest.length * (nearest.length + 1)) / 2)
    }
  })

  test(`${metric}: an expanded query finds what is nearest to its mean, and keeps the distances to itself`, async () => {
    const { vector } = records[7]!
    const filter = { odd: true }
    const { matches: nearest } = await search(metric, {
      query: { vector: [...vector] },
      k: 4,
      filter,
      include: ['vector'],
    })
    const length = metric === 'cosine' ? Math.sqrt(squaredOf(vector, new Array(8).fill(0))) : 1
    const unit = Array.from(vector, (value) => value / length)
    const mean = unit.map((value, axis) => {
      return (nearest as Match[]).reduce((sum, match) => sum + match.vector[axis]!, value) / 5
    })
    const plain = await search(metric, { query: { vector: mean }, k: 20, filter })
    const rerank = { method: 'query-expansion', neighbours: 4 }
    const expanded = await search(metric, {
      query: { vector: [...vector] },
      k: 20,
      filter,
      rerank,
      include: ['vector'],
    })
    const ids = (found: readonly Match[]) => found.map(({ id }) => id)
    assert.deepEqual(ids(expanded.matches), ids(plain.matches))
    assert.deepEqual([expanded.exact, expanded.rerank.exactFor], [true, 'expanded-query'])
    assert.equal(expanded.rerank.records, 4)
    for (const [i, match] of (expanded.matches as Match[]).entries()) {
      assertClose(match.reranked, plain.matches[i].distance, match.id, 1e-5)
      const squared = squaredOf(unit, match.vector)
      assertClose(
        match.distance,
        metric === 'cosine' ? squared / 2 : Math.sqrt(squared),
        match.id,
        1e-5,
      )
    }
  })
}

test('a form can re-rank too, and fewer records than neighbours are no error', async () => {
  await send('PUT', '/v1/collections/few', { dimensions: 2, metric: 'euclidean' })
  const few = (body: object) => send('POST', '/v1/collections/few/search', body)
  for (const method of ['k-reciprocal', 'query-expansion']) {
    const { body } = await few({ query: { vector: [1, 2] }, rerank: { method } })
    assert.deepEqual([body.matches, body.rerank.records], [[], 0], method)
  }
  const points = [
    { id: 'a', vector: [1, 0] },
    { id: 'b', vector: [0, 1] },
  ]
  await send('POST', '/v1/collections/few/vectors', { points })
  for (const method of ['k-reciprocal', 'query-expansion']) {
    const form = new FormData()
    form.set('request', JSON.stringify({ query: { vector: [1, 1] }, rerank: { method } }))
    const { status, body } = await send('POST', '/v1/collections/few/search', form)
    assert.deepEqual([status, body.matches?.length], [200, 2], method)
  }
})

test('what has no meaning beside re-ranking is refused by name', async () => {
  const reciprocal = { method: 'k-reciprocal' }
  const expansion = { method: 'query-expansion' }
  const cases: readonly [body: object, at: string][] = [
    [{ rerank: { method: 'reciprocal' } }, '/rerank/method'],
    [{ rerank: {} }, '/rerank'],
    [{ rerank: { ...expansion, k1: 5 } }, '/rerank/k1'],
    [{ rerank: { ...reciprocal, neighbours: 5 } }, '/rerank/neighbours'],
    [{ rerank: { ...reciprocal, lambda: 1.5 } }, '/rerank/lambda'],
    [{ rerank: { ...reciprocal, k1: 51 } }, '/rerank/k1'],
    [{ rerank: { ...reciprocal, candidates: 1001 } }, '/rerank/candidates'],
    [{ rerank: { ...reciprocal, candidates: 20 }, k: 21 }, '/k'],
    [{ rerank: reciprocal, k: 1001 }, '/k'],
    [{ rerank: expansion, k: 10, limit: 5 }, '/k'],
    [{ rerank: reciprocal, groupBy: 'odd' }, '/groupBy'],
    [{ rerank: reciprocal, cursor: 'abc' }, '/cursor'],
    [{ rerank: reciprocal, radius: 1 }, '/radius'],
    [{ rerank: expansion, radius: 1, k: 5 }, '/radius'],
  ]
  for (const [body, at] of cases) {
    const { status, body: problem } = await send('POST', '/v1/collections/cosine/search', {
      query: { id: 'r001' },
      ...body,
    })
    assert.deepEqual([status, problem.code], [400, 'INVALID_REQUEST'], JSON.stringify(body))
    assert.ok(JSON.stringify(problem).includes(at), `${at} in ${JSON.stringify(problem)}`)
  }
})
