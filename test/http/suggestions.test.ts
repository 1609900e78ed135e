import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  farthestOf,
  mergeProbability,
  wrongProbability,
} from '../../src/collection/identities/suggestion-odds.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'
import { calibrated } from '../support/calibrated.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 1843
const DIMENSIONS = 8
const PATH = '/v1/collections/people'
const PEOPLE = 40
const EACH = 6

const send = serveOverHttp()
const random = seededRandom(SEED)
const centres = Array.from({ length: PEOPLE }, () =>
  Array.from({ length: DIMENSIONS }, () => 3 * gaussian(random)),
)
const around = (person: number) => centres[person]!.map((x) => x + 0.2 * gaussian(random))
const points = centres.flatMap((_, person) =>
  Array.from({ length: EACH }, (_, n) => {
    return { id: `${person}/${n}`, vector: around(person), metadata: { who: `p${person}` } }
  }),
)

const suggest = async (body: object = {}, path = PATH) =>
  await send('POST', `${path}/identities/suggestions`, body)

const name = (id: string, who: string) =>
  send('PATCH', `${PATH}/images/${encodeURIComponent(id)}`, { metadata: { who } })

function distance(a: string, b: string): number {
  const [one, other] = [a, b].map((id) => points.find((point) => point.id === id)!.vector)
  return Math.sqrt(one!.reduce((sum, x, i) => sum + (x - other![i]!) ** 2, 0))
}

/** The nearest pair of two lists of ids, by a plain loop. */
function nearest(a: readonly string[], b: readonly string[]) {
  const pairs = a.flatMap((one) =>
    b.filter((other) => other !== one).map((other) => [one, other] as const),
  )
  return pairs.sort(([a, b], [c, d]) => distance(a, b) - distance(c, d))[0]!
}

const ids = (person: number, ...numbers: number[]) => numbers.map((n) => `${person}/${n}`)

test('the odds of a record: worked examples', () => {
  assert.equal(wrongProbability(0.5, 0.5), 0.5)
  assert.equal(wrongProbability(1, 0.3), 0)
  assert.equal(wrongProbability(0, 0), 1)
  // .2 against 2 x .8 x .1.
  assertClose(wrongProbability(0.8, 0.9), 0.2 / 0.36, 'a near other')
  assertClose(wrongProbability(0.5, 0), 1 / 3, 'nobody else near')
  assert.equal(wrongProbability(1, 1), 0.5)
})

test('the odds of a merge: worked examples', () => {
  const steps = [
    { upTo: 1, probability: 0.9 },
    { upTo: 5, probability: 0.1 },
  ]
  const odds = (a: readonly number[], b: readonly number[]) => {
    const [one, other] = [a, b].map((set) => set.map((x) => Float32Array.from([x])))
    return mergeProbability(one!, other!, steps, 'euclidean')
  }
  assertClose(odds([0], [1]), 0.9, 'one of each')
  // From 0, 10 and 12 to 1: .9, .1, .1; the second nearest to 1 is 10: .1.
  assertClose(odds([0, 10, 12], [1]), (0.9 + 0.1 + 0.1) / 3, 'one stranger decides nothing')
  assertClose(odds([1], [0, 2, 12]), 0.9, 'two of three are near')
  // Nearest: from 0 and 20 .9 and .1, from 1 and 30 the same.
  assertClose(odds([0, 20], [1, 30]), 0.5, 'half of each')
  assert.deepEqual(
    [farthestOf(steps, 0.5), farthestOf(steps, 0.1), farthestOf(steps, 0.95)],
    [1, 5, null],
  )
})

test('without a calibration nothing is suggested, and the call says why', async () => {
  await send('PUT', PATH, { dimensions: DIMENSIONS, metric: 'euclidean', identityField: 'who' })
  assert.equal((await send('POST', `${PATH}/vectors`, { points })).status, 200)
  const { status, body } = await suggest()
  assert.deepEqual([status, body.code], [404, 'CALIBRATION_NOT_FOUND'])
})

test('where all is right nothing is suggested', async () => {
  await calibrated(send, PATH)
  const { body } = await suggest()
  const nothing = { merges: [], outliers: [], tooLarge: [], complete: true, cursor: null }
  assert.deepEqual(body, nothing)
})

test('one person under two names, and a record under a wrong name, are found with the pictures that say so', async () => {
  for (const id of ids(3, 0, 1, 2)) await name(id, 'p3 again')
  await name('5/0', 'p7')
  const { body } = await suggest()
  const [merge] = body.merges
  const pair = nearest(ids(3, 3, 4, 5), ids(3, 0, 1, 2))
  assert.equal(body.merges.length, 1, JSON.stringify(body))
  assert.deepEqual([merge.a, merge.b, merge.pair], ['p3', 'p3 again', pair])
  assert.ok(merge.probability > 0.8 && Math.abs(merge.distance - distance(...pair)) < 1e-5)
  const [outlier] = body.outliers
  assert.equal(body.outliers.length, 1, JSON.stringify(body))
  assert.deepEqual([outlier.id, outlier.identity, outlier.other.identity], ['5/0', 'p7', 'p5'])
  assert.equal(outlier.own.id, nearest(['5/0'], ids(7, 0, 1, 2, 3, 4, 5))[1])
  assert.equal(outlier.other.id, nearest(['5/0'], ids(5, 1, 2, 3, 4, 5))[1])
  assert.ok(outlier.probability > 0.8)
})

test('pages together suggest the same, each once', async () => {
  await name('9/0', 'p9 again')
  await name('11/4', 'p12')
  const { body: all } = await suggest()
  assert.deepEqual([all.merges.length, all.outliers.length], [2, 2], JSON.stringify(all))
  const found: { merges: unknown[]; outliers: unknown[] } = { merges: [], outliers: [] }
  let pages = 0
  for (let cursor: string | null = null; ; pages++) {
    const { body } = await suggest({ limit: 1, cursor })
    found.merges.push(...body.merges)
    found.outliers.push(...body.outliers)
    cursor = body.cursor
    if (cursor === null) break
  }
  const sorted = (list: unknown[]) =>
    list.map((one) => JSON.stringify(one)).sort((a, b) => (a < b ? -1 : 1))
  assert.deepEqual(sorted(found.merges), sorted(all.merges))
  assert.deepEqual(sorted(found.outliers), sorted(all.outliers))
  assert.ok(pages >= 3)
  const { cursor } = (await suggest({ limit: 1 })).body
  const other = await suggest({ limit: 1, cursor, probability: 0.9 })
  assert.deepEqual([other.status, other.body.code], [400, 'INVALID_CURSOR'])
})

test('those that somebody said are not the same are not suggested', async () => {
  const said = await send('POST', `${PATH}/identities/differ`, { a: 'p3 again', b: 'p3' })
  assert.equal(said.status, 200)
  const { merges } = (await suggest()).body
  assert.deepEqual(
    merges.map(({ a, b }: { a: string; b: string }) => [a, b]),
    [['p9', 'p9 again']],
  )
})

test('a stranger among the records of an identity joins it to nobody', async () => {
  // 20/0 is in p21: near to p20, of which it is, but the rest of p21 is not.
  await name('20/0', 'p21')
  const { merges, outliers } = (await suggest()).body
  assert.ok(!merges.some(({ a }: { a: string }) => a === 'p20'))
  assert.ok(outliers.some(({ id }: { id: string }) => id === '20/0'))
})

test('no identity field, identities of one record, and one of too many', async () => {
  await send('PUT', '/v1/collections/plain', { dimensions: 2 })
  const plain = await suggest({}, '/v1/collections/plain')
  assert.deepEqual([plain.status, plain.body.code], [409, 'COLLECTION_WITHOUT_IDENTITIES'])
  const tooLow = await suggest({ probability: 0.4 })
  assert.deepEqual([tooLow.status, tooLow.body.code], [400, 'INVALID_REQUEST'])
  const crowd = Array.from({ length: 257 }, (_, i) => {
    return { id: `crowd/${i}`, vector: around(0), metadata: { who: 'crowd' } }
  })
  const lone = { id: 'lone', vector: around(1).map((x) => x + 50), metadata: { who: 'lone' } }
  await send('POST', `${PATH}/vectors`, { points: [...crowd, lone] })
  const { body } = await suggest()
  assert.deepEqual(body.tooLarge, ['crowd'])
  assert.ok(!body.outliers.some(({ id }: { id: string }) => id === 'lone'))
})

test('identities whose names begin alike and are longer than a cursor takes are each walked over', async () => {
  const long = ['1', '2', '3'].map((end) => 'z'.repeat(600) + end)
  // Of two people each, so that records of each are in doubt.
  for (const [i, who] of long.entries()) {
    for (const id of [...ids(24 + 2 * i, 0, 1, 2), ...ids(25 + 2 * i, 0)]) await name(id, who)
  }
  const of = (outliers: readonly { identity: string }[]) =>
    outliers.map(({ identity }) => identity).filter((identity) => long.includes(identity))
  assert.deepEqual(new Set(of((await suggest()).body.outliers)), new Set(long))
  const found: string[] = []
  for (let cursor: string | null = null; ; ) {
    const { body } = await suggest({ limit: 1, cursor })
    found.push(...of(body.outliers))
    cursor = body.cursor
    if (cursor === null) break
  }
  assert.deepEqual(new Set(found), new Set(long))
})
