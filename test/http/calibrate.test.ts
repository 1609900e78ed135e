import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { judged } from '../../src/collection/identities/calibration.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { sampleSpec } from '../support/sample-records.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 1833
const DIMENSIONS = 8
const PATH = '/v1/collections/people'
const IDENTITIES = 150

const send = serveOverHttp()
const random = seededRandom(SEED)
const centre = () => Array.from({ length: DIMENSIONS }, () => 3 + gaussian(random))
const view = (of: readonly number[]) => of.map((value) => value + 0.25 * gaussian(random))
const centres = Array.from({ length: IDENTITIES }, centre)

async function jobEnds(path: string, body: object = {}) {
  const { status, body: job } = await send('POST', `${path}/calibrate`, body)
  assert.equal(status, 202, JSON.stringify(job))
  for (let i = 0; i < 600; i++) {
    const { body: now } = await send('GET', `/v1/jobs/${job.id}`)
    if (now.finishedAt !== null) return now
    await wait(50)
  }
  throw new Error('the job did not end')
}

async function create(
  path: string,
  points: readonly object[],
  fields: object = { identityField: 'who' },
) {
  await send('PUT', path, { dimensions: DIMENSIONS, metric: 'euclidean', ...fields })
  if (points.length === 0) return
  assert.equal((await send('POST', `${path}/vectors`, { points })).status, 200)
}

const identify = async (body: object) => (await send('POST', `${PATH}/identify`, body)).body

test('before it is calibrated a collection says so', async () => {
  const points = centres.flatMap((of, i) =>
    Array.from({ length: 5 }, (_, n) => {
      return { id: `p${i}/${n}`, vector: view(of), metadata: { who: `p${i}` } }
    }),
  )
  await create(PATH, points)
  const { status, body } = await send('GET', `${PATH}/calibration`)
  assert.deepEqual([status, body.code], [404, 'CALIBRATION_NOT_FOUND'])
  const one = { vector: view(centres[0]!) }
  const verify = await send('POST', `${PATH}/verify`, { a: one, b: one, falseMatchRate: 0.01 })
  assert.deepEqual([verify.status, verify.body.code], [404, 'CALIBRATION_NOT_FOUND'])
})

test('a calibration is kept, and gives identify its distance, thresholds and probabilities', async () => {
  const job = await jobEnds(PATH, { seed: 2 })
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error))
  const { body: calibration } = await send('GET', `${PATH}/calibration`)
  assert.deepEqual(
    [calibration.records, calibration.identities, calibration.probes, calibration.views],
    [IDENTITIES * 5, IDENTITIES, IDENTITIES * 5, 1],
  )
  assert.deepEqual([calibration.generation, calibration.model], [0, null])
  const { best, distances } = calibration
  assert.equal(job.details.best, best)
  const row = distances[best].accepts.find(({ rate }: { rate: number }) => rate === 0.01)
  const known = await identify({ query: { vector: centres[3] } })
  assert.deepEqual(known.thresholds, {
    known: row.threshold,
    unknown: Math.max(row.threshold, distances[best].reach),
    source: 'calibration',
    falseAcceptRate: 0.01,
  })
  assert.deepEqual([known.decision, known.identity, known.distance], ['known', 'p3', best])
  const probabilities = known.candidates.map((one: { probability: number }) => one.probability)
  assert.ok(probabilities[0] > 0.9 && probabilities.at(-1) < 0.5, `${probabilities}`)
  const far = await identify({ query: { vector: centres[3]!.map((value) => value + 9) } })
  assert.deepEqual(
    [far.decision, far.identity, far.candidates[0].probability],
    ['unknown', null, 0],
  )
})

test('strangers are taken for somebody at the rate that was wanted, within the interval', async () => {
  const { body: calibration } = await send('GET', `${PATH}/calibration`)
  const { accepts } = calibration.distances.nearest
  const strangers = Array.from({ length: 500 }, () => view(centre()))
  const distances = await Promise.all(
    strangers.map(async (vector) => {
      const { candidates } = await identify({ query: { vector }, distance: 'nearest', k: 1 })
      return candidates[0].distance as number
    }),
  )
  const share = (most: number) =>
    distances.filter((distance) => distance <= most).length / distances.length
  for (const { rate, thresholdInterval } of accepts.slice(0, 2)) {
    const [low, high] = thresholdInterval
    const message = `rate ${rate}: ${share(low)} to ${share(high)}, seed ${SEED}`
    // With room for the chance of 500 strangers: two standard errors.
    const room = 2 * Math.sqrt((rate * (1 - rate)) / strangers.length)
    assert.ok(share(low) <= rate + room && share(high) >= rate - room, message)
  }
})

test('verify names the threshold of a false match rate, and what it misses', async () => {
  const { body: calibration } = await send('GET', `${PATH}/calibration`)
  const { matches } = calibration.distances.template
  const row = matches.find(({ rate }: { rate: number }) => rate === 0.001)
  const asked = { a: { vector: view(centres[5]!) }, b: { identity: 'p5' }, distance: 'template' }
  const { body } = await send('POST', `${PATH}/verify`, { ...asked, falseMatchRate: 0.005 })
  const { distance, probability, ...rest } = body
  assert.deepEqual(rest, {
    same: true,
    by: 'template',
    threshold: row.threshold,
    source: 'calibration',
    falseMatchRate: 0.001,
    falseNonMatchRate: row.missed,
  })
  assert.ok(distance <= row.threshold && probability > 0.9)
  const tooSmall = await send('POST', `${PATH}/verify`, { ...asked, falseMatchRate: 1e-9 })
  assert.deepEqual([tooSmall.status, tooSmall.body.code], [400, 'INVALID_REQUEST'])
})

test('a calibration of other vectors is not used, and says so', () => {
  const calibration = { generation: 0, model: 'm' } as Parameters<typeof judged>[0]
  const spec = sampleSpec({ dimensions: 2 })
  const active = (generation: number, model: string) => {
    return judged(calibration, { generation, spec: { ...spec, model } }).kind
  }
  assert.deepEqual(
    [
      active(0, 'm'),
      active(1, 'm'),
      active(0, 'other'),
      judged(null, { generation: 0, spec }).kind,
    ],
    ['valid', 'outdated', 'outdated', 'none'],
  )
})

test('what cannot be calibrated is refused, or fails by name', async () => {
  const points = (count: number, who: (i: number) => unknown) =>
    Array.from({ length: count }, (_, i) => {
      return { id: `r${i}`, vector: view(centres[i]!), metadata: { who: who(i) } }
    })
  await create('/v1/collections/plain', [], {})
  const plain = await send('POST', '/v1/collections/plain/calibrate', {})
  assert.deepEqual([plain.status, plain.body.code], [409, 'COLLECTION_WITHOUT_IDENTITIES'])
  const views = await send('POST', `${PATH}/calibrate`, { views: 8, records: 8 })
  assert.deepEqual([views.status, views.body.code], [400, 'INVALID_REQUEST'])
  const cases = { alone: (i: number) => `p${i}`, one: () => 'p', nobody: () => null }
  for (const [name, who] of Object.entries(cases)) {
    const path = `/v1/collections/${name}`
    await create(path, points(6, who))
    const { state, error } = await jobEnds(path)
    assert.deepEqual([state, error.code], ['failed', 'NOTHING_TO_EVALUATE'], name)
  }
  // Two at once run one after the other.
  const both = await Promise.all([jobEnds(PATH, { records: 100 }), jobEnds(PATH, { records: 200 })])
  assert.deepEqual(
    both.map(({ state }) => state),
    ['succeeded', 'succeeded'],
  )
})
