import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveOverHttp } from '../support/serve-over-http.ts'

const PATH = '/v1/collections/points'
const VECTOR = Array.from({ length: 32 }, (_, i) => i + 1)

const send = serveOverHttp()

test('collections are made', async () => {
  await send('PUT', PATH, { dimensions: 32 })
  await send('PUT', '/v1/collections/codes', { dimensions: 32, memory: 'codes' })
  const points = [{ id: 'a', vector: VECTOR }]
  for (const path of [PATH, '/v1/collections/codes']) {
    await send('POST', `${path}/vectors`, { points })
  }
})

function search(body: object, path = PATH) {
  return send('POST', `${path}/search`, { query: { vector: VECTOR }, ...body })
}

test('an option that would change nothing is refused by name, with what it belongs to', async () => {
  const approximate = { accuracy: 'approximate' }
  const cases: [object, RegExp][] = [
    [{ ef: 50 }, /^\/ef: expected accuracy "approximate" beside it, got none/],
    [{ ef: 50, accuracy: 'exact' }, /^\/ef: .* got "exact"/],
    [{ ef: 50, ...approximate, radius: 1 }, /^\/ef: .* got radius alone/],
    [{ ef: 50, ...approximate, k: 1001 }, /^\/ef: .* got k 1001/],
    [{ ef: 50, ...approximate, k: 20, limit: 19 }, /^\/ef: .* got limit 19 below k 20/],
    [{ ef: 50, ...approximate, limit: 9 }, /^\/ef: .* got limit 9 below k 10/],
    [
      { ef: 50, ...approximate, groupBy: 'a', limit: 9 },
      /^\/ef: .* got limit 9 below k 10 × groupSize 1/,
    ],
    [
      { ef: 50, ...approximate, groupBy: 'a', groupSize: 11, limit: 100 },
      /^\/ef: .* limit 100 below k 10 × groupSize 11/,
    ],
    [
      { ef: 50, ...approximate, groupBy: 'a', k: 251, limit: 300 },
      /^\/ef: expected at most 250 matches of groups .* k 251/,
    ],
    [{ ef: 50, ...approximate, cursor: 'WyJ' }, /^\/ef: .* got a cursor/],
    [{ exactIndex: 'vp-tree', ...approximate }, /^\/exactIndex: expected accuracy "exact" or/],
    [{ exactIndex: 'scan', ...approximate }, /^\/exactIndex: .* got "approximate"/],
    [{ groupSize: 2 }, /^\/groupSize: expected groupBy/],
    [{ camera: 'c1' }, /^\/camera: expected sameCamera "exclude"/],
    [{ sameCamera: 'exclude', camera: 'c1' }, /^\/sameCamera: .* cameraField/],
  ]
  for (const [body, reason] of cases) {
    const { status, body: problem } = await search(body)
    assert.deepEqual([status, problem.code], [400, 'INVALID_REQUEST'], JSON.stringify(body))
    assert.match(problem.detail, reason)
  }
  const codes = await search({ ef: 50, ...approximate }, '/v1/collections/codes')
  assert.equal(codes.status, 400)
  assert.match(codes.body.detail, /memory "codes", which keeps no graph, got 50/)
})

test('what says how large an answer may be, or what is taken anyway, is no option without effect', async () => {
  const approximate = { accuracy: 'approximate' }
  for (const body of [
    { k: 5, limit: 100 },
    { k: 5, limit: 5, ef: 5, ...approximate },
    { k: 5, ef: 2, ...approximate },
    { k: 3, radius: 2 },
    { k: 1000, ef: 1000, ...approximate },
    { groupBy: 'label', k: 3, limit: 3, ef: 50, ...approximate },
    { groupBy: 'label', k: 50, groupSize: 5, limit: 250, ef: 50, ...approximate },
    { exactIndex: 'scan' },
    { exactIndex: 'm-tree', accuracy: 'exact' },
    { sameCamera: 'include' },
    { cursor: null },
    { radius: 1, ...approximate },
  ]) {
    const { status } = await search(body)
    assert.equal(status, 200, JSON.stringify(body))
  }
})
