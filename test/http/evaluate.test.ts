import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 1834
const DIMENSIONS = 4
const PATH = '/v1/collections/market'

const send = serveOverHttp()
const random = seededRandom(SEED)

interface Stored {
  readonly id: string
  readonly vector: number[]
  readonly who: string
  readonly camera: string | null
  readonly split: string
}

const CAMERAS = ['c1', 'c2', 'c3', null]

/** 20 identities; `0000` are distractors, `-1` junk. Numbers are rounded, so that there are ties. */
const records: Stored[] = Array.from({ length: 260 }, (_, i) => {
  const who = i % 13 === 0 ? '-1' : i % 7 === 0 ? '0000' : `p${i % 20}`
  const centre = who.startsWith('p') ? Number(who.slice(1)) : 50 + i
  return {
    id: `r${String(i).padStart(3, '0')}`,
    vector: Array.from({ length: DIMENSIONS }, (_, axis) => {
      return Math.round(2 * (5 + Math.sin(centre * (axis + 1)) + 0.6 * gaussian(random))) / 2
    }),
    who,
    camera: CAMERAS[Math.floor(random() * CAMERAS.length)]!,
    split: random() < 0.3 && who.startsWith('p') ? 'query' : 'gallery',
  }
})

async function evaluated(path: string, body: object) {
  const { status, body: job } = await send('POST', `${path}/evaluate`, body)
  assert.equal(status, 202, JSON.stringify(job))
  for (let i = 0; i < 600; i++) {
    const { body: now } = await send('GET', `/v1/jobs/${job.id}`)
    if (now.finishedAt !== null) return now
    await wait(50)
  }
  throw new Error('the job did not end')
}

interface Query {
  readonly id: string | null
  readonly vector: readonly number[]
  readonly who: string
  readonly camera: string | null
}

/** By sorting whole rankings: distance, then the place in the gallery. */
function naive(queries: readonly Query[], gallery: readonly Stored[], byCamera: boolean) {
  const reached = queries.flatMap((query) => {
    const ranked = gallery
      .filter(({ id, who, camera }) => {
        const sameCamera = byCamera && camera !== null && camera === query.camera
        return id !== query.id && !(who === query.who && sameCamera)
      })
      .map((row, place) => {
        const squared = row.vector.reduce((sum, x, i) => sum + (x - query.vector[i]!) ** 2, 0)
        return { isMatch: row.who === query.who, squared, place }
      })
      .sort((a, b) => a.squared - b.squared || a.place - b.place)
    const ranks = ranked.flatMap(({ isMatch }, i) => (isMatch ? [i + 1] : []))
    if (ranks.length === 0) return []
    const precision = ranks.reduce((sum, rank, i) => sum + (i + 1) / rank, 0) / ranks.length
    return [{ first: ranks[0]!, precision, inverse: ranks.length / ranks.at(-1)! }]
  })
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  return {
    queries: reached.length,
    skipped: queries.length - reached.length,
    map: mean(reached.map(({ precision }) => precision)),
    minp: mean(reached.map(({ inverse }) => inverse)),
    cmc: Array.from({ length: 50 }, (_, i) => mean(reached.map(({ first }) => +(first <= i + 1)))),
  }
}

const squaredOf = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0)

/** The mean of a query and its five nearest records, in float32 as vectors are stored. */
function expandedBy(query: Query, gallery: readonly Stored[]): Query {
  const nearest = gallery
    .filter(({ id }) => id !== query.id)
    .map((row, place) => ({ ...row, place, squared: squaredOf(query.vector, row.vector) }))
    .sort((a, b) => a.squared - b.squared || a.place - b.place)
    .slice(0, 5)
  const vector = query.vector.map((value, axis) => {
    return Math.fround(nearest.reduce((sum, row) => sum + row.vector[axis]! / 6, value / 6))
  })
  return { ...query, vector }
}

/** By trying every threshold. */
function naiveOpenSet(queries: readonly Query[], gallery: readonly Stored[], byCamera: boolean) {
  const nearest = queries.map((query) => {
    const least = (rows: readonly Stored[]) =>
      Math.min(...rows.map(({ vector }) => Math.sqrt(squaredOf(query.vector, vector))))
    const sees = ({ id, camera }: Stored) =>
      id !== query.id && !(byCamera && camera !== null && camera === query.camera)
    return {
      own: least(gallery.filter((row) => row.who === query.who && sees(row))),
      other: least(gallery.filter(({ who }) => who !== query.who)),
    }
  })
  const known = nearest.filter(({ own }) => own < Number.POSITIVE_INFINITY)
  return [0.1, 0.05, 0.01, 0.001].map((far) => {
    const within = (threshold: number) => nearest.filter(({ other }) => other <= threshold).length
    const allowed = nearest
      .map(({ other }) => other)
      .filter((threshold) => within(threshold) <= far * nearest.length)
    const threshold = allowed.length === 0 ? null : Math.max(...allowed)
    const found = known.filter(({ own, other }) => {
      return threshold !== null && own <= other && own <= threshold
    })
    return { far, threshold, dir: found.length / known.length }
  })
}

interface OpenSetRow {
  readonly far: number
  readonly threshold: number | null
  readonly dir: number
  readonly dirInterval: readonly [number, number]
}

function sameOpenSet(got: readonly OpenSetRow[], expected: ReturnType<typeof naiveOpenSet>) {
  assert.deepEqual(
    got.map(({ far }) => far),
    expected.map(({ far }) => far),
  )
  for (const [i, { threshold, dir }] of expected.entries()) {
    assert.equal(got[i]!.threshold === null, threshold === null, `FAR ${got[i]!.far}`)
    if (threshold !== null) assertClose(got[i]!.threshold!, threshold, `FAR ${got[i]!.far}`)
    assertClose(got[i]!.dir, dir, `DIR at FAR ${got[i]!.far}`)
    const [low, high] = got[i]!.dirInterval
    assert.ok(low <= high && low >= 0 && high <= 1)
  }
}

type Measured = ReturnType<typeof naive>

function same(got: Measured, expected: Measured, what: string) {
  assert.deepEqual([got.queries, got.skipped], [expected.queries, expected.skipped], what)
  assertClose(got.map, expected.map, `mAP, ${what}`)
  assertClose(got.minp, expected.minp, `mINP, ${what}`)
  for (const [i, share] of expected.cmc.entries()) assertClose(got.cmc[i]!, share, `CMC ${i + 1}`)
}

test('a collection is made', async () => {
  const fields = { identityField: 'who', cameraField: 'camera' }
  await send('PUT', PATH, { dimensions: DIMENSIONS, metric: 'euclidean', ...fields })
  const points = records.map(({ id, vector, ...metadata }) => ({ id, vector, metadata }))
  assert.equal((await send('POST', `${PATH}/vectors`, { points })).status, 200)
})

test('queries and gallery of Market-1501 give the measures of whole rankings, with junk and distractors', async () => {
  const split = { queries: { split: 'query' }, gallery: { split: 'gallery' } }
  const { details, state } = await evaluated(PATH, { ...split, junk: ['-1'] })
  assert.equal(state, 'succeeded')
  const gallery = records.filter((one) => one.split === 'gallery' && one.who !== '-1')
  const queries = records.filter((one) => one.split === 'query')
  assert.equal(details.gallery, gallery.length)
  same(details.single, naive(queries, gallery, true), `seed ${SEED}`)
  const seen = new Map<string, Stored[]>()
  for (const one of queries) {
    const name = `${one.who} ${one.camera ?? one.id}`
    seen.set(name, [...(seen.get(name) ?? []), one])
  }
  const groups = Array.from(seen.values(), (group) => {
    const sum = (i: number) => group.reduce((all, { vector }) => all + vector[i]!, 0)
    const vector = group[0]!.vector.map((_, i) => sum(i) / group.length)
    return { ...group[0]!, id: null, vector }
  })
  const expanded = queries.map((query) => expandedBy(query, gallery))
  same(details.expanded, naive(expanded, gallery, true), `expanded, seed ${SEED}`)
  assert.notEqual(details.expanded.map, details.single.map)
  assert.equal(details.openSet.known, details.single.queries)
  assert.equal(details.openSet.unknown, queries.length)
  sameOpenSet(details.openSet.rows, naiveOpenSet(queries, gallery, true))
  assert.ok(details.openSet.rows.some(({ dir }: OpenSetRow) => dir > 0))
  // Re-ranking moves what is found, not what is asked.
  const { reranked } = details
  assert.deepEqual(
    [reranked.queries, reranked.skipped],
    [details.single.queries, details.single.skipped],
  )
  assert.ok(reranked.map > 0 && reranked.map !== details.single.map)
  assert.equal(details.multi.queries + details.multi.skipped, groups.length)
  // Means of halves can be off in the last place, where a tie may break in another way.
  assertClose(details.multi.map, naive(groups, gallery, true).map, 'mAP of multiple queries', 0.01)
})

test('every record asks for all others, with cameras or without, and one without a camera is of its own', async () => {
  const kept = records.filter(({ who }) => who !== '-1')
  for (const cameras of ['exclude', 'ignore'] as const) {
    const { details } = await evaluated(PATH, { junk: ['-1'], cameras })
    same(details.single, naive(kept, kept, cameras === 'exclude'), `${cameras}, seed ${SEED}`)
    const expanded = kept.map((query) => expandedBy(query, kept))
    same(details.expanded, naive(expanded, kept, cameras === 'exclude'), `expanded, ${cameras}`)
    sameOpenSet(details.openSet.rows, naiveOpenSet(kept, kept, cameras === 'exclude'))
    assert.equal(details.multi === null, cameras === 'ignore')
  }
})

test('what cannot be evaluated is refused, or fails by name', async () => {
  const one = '/v1/collections/one-camera'
  const spec = { dimensions: DIMENSIONS, metric: 'euclidean', identityField: 'who' }
  await send('PUT', one, { ...spec, cameraField: 'camera' })
  const points = records.slice(0, 40).map(({ id, vector, who }) => {
    return { id, vector, metadata: { who, camera: 'c1' } }
  })
  await send('POST', `${one}/vectors`, { points })
  const { state, error } = await evaluated(one, {})
  assert.deepEqual([state, error.code], ['failed', 'NOTHING_TO_EVALUATE'])
  assert.equal((await evaluated(one, { cameras: 'ignore' })).state, 'succeeded')
  await send('PUT', '/v1/collections/cameraless', spec)
  await send('PUT', '/v1/collections/plain', { dimensions: DIMENSIONS })
  const cases: readonly [path: string, body: object, status: number, code: string][] = [
    [PATH, { queries: { split: 'query' } }, 400, 'INVALID_REQUEST'],
    [PATH, { queries: { split: { $no: 1 } }, gallery: {} }, 400, 'INVALID_FILTER'],
    ['/v1/collections/cameraless', { cameras: 'exclude' }, 400, 'INVALID_REQUEST'],
    ['/v1/collections/plain', {}, 409, 'COLLECTION_WITHOUT_IDENTITIES'],
  ]
  for (const [path, body, status, code] of cases) {
    const answer = await send('POST', `${path}/evaluate`, body)
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(body))
  }
})
