import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { serveOverHttp } from '../support/serve-over-http.ts'

const SEED = 77
const PATH = '/v1/collections/groups'
const GROUPS = 6
const OF_A_GROUP = 25
const DIMENSIONS = 10
const send = serveOverHttp()

/** Groups whose centres are corners of a simplex: no plane shows more than three of them apart. */
function groupPoints() {
  const random = seededRandom(SEED)
  return Array.from({ length: GROUPS * OF_A_GROUP }, (_, i) => {
    const group = i % GROUPS
    const vector = Array.from({ length: DIMENSIONS }, (_, at) => {
      return (at === group ? 5 : 0) + 0.3 * gaussian(random)
    })
    return { id: `p${i}`, vector, metadata: { group: `g${group}` } }
  })
}

async function layOut(path: string, seed = 1) {
  const { status, body: job } = await send('POST', `${path}/map?seed=${seed}`)
  assert.equal(status, 202, JSON.stringify(job))
  for (let i = 0; i < 1200; i++) {
    const { body: now } = await send('GET', `/v1/jobs/${job.id}`)
    if (now.finishedAt !== null) return now
    await wait(50)
  }
  throw new Error('the job did not end')
}

async function read(path: string) {
  const { status, body } = await send('GET', `${path}/map?method=umap&field=group`)
  assert.equal(status, 200, JSON.stringify(body))
  const bytes = Buffer.from(body.points, 'base64')
  const places = Buffer.from(body.field.places, 'base64')
  const points = (body.ids as string[]).map((id, i) => ({
    id,
    x: bytes.readFloatLE(8 * i),
    y: bytes.readFloatLE(8 * i + 4),
    group: body.field.values[places.readUInt16LE(2 * i) - 1] as string,
  }))
  return { ...body, points }
}

test('before it is laid out a collection says so', async () => {
  await send('PUT', PATH, { dimensions: DIMENSIONS, metric: 'euclidean', identityField: 'group' })
  const none = await send('POST', `${PATH}/map`)
  assert.deepEqual([none.status, none.body.code], [409, 'MAP_IMPOSSIBLE'])
  await send('POST', `${PATH}/vectors`, { points: groupPoints() })
  const { status, body } = await send('GET', `${PATH}/map?method=umap`)
  assert.deepEqual([status, body.code], [404, 'MAP_NOT_FOUND'])
})

test('what is laid out has neighbours beside each other', async () => {
  const job = await layOut(PATH)
  assert.equal(job.state, 'succeeded', JSON.stringify(job.error))
  assert.deepEqual(job.progress.done, job.progress.total)
  const { points, of, complete, method, madeAt, generation } = await read(PATH)
  assert.deepEqual(
    [points.length, of, complete, method, generation],
    [GROUPS * OF_A_GROUP, GROUPS * OF_A_GROUP, true, 'umap', 0],
  )
  assert.ok(Math.abs(Date.parse(madeAt) - Date.now()) < 600_000)
  let own = 0
  for (const one of points) {
    assert.equal(one.group, `g${Number(one.id.slice(1)) % GROUPS}`)
    const [nearest] = points
      .filter((other: typeof one) => other !== one)
      .sort((a: typeof one, b: typeof one) => away(a, one) - away(b, one))
    if (nearest!.group === one.group) own++
  }
  assert.ok(own > 0.95 * points.length, `seed ${SEED}: ${own} of ${points.length}`)
})

function away(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

test('the same seed gives the same map', async () => {
  const first = await read(PATH)
  await layOut(PATH)
  assert.deepEqual((await read(PATH)).points, first.points)
  await layOut(PATH, 2)
  assert.notDeepEqual((await read(PATH)).points, first.points)
})

test('records that came or went since are not on the map, and it says so', async () => {
  const before = await read(PATH)
  await send('POST', `${PATH}/images/delete`, { ids: ['p0', 'p1'] })
  const late = { id: 'late', vector: Array.from({ length: DIMENSIONS }, () => 1) }
  await send('POST', `${PATH}/vectors`, { points: [late] })
  const { ids, of, complete, points } = await read(PATH)
  const left = before.points.filter(({ id }: { id: string }) => id !== 'p0' && id !== 'p1')
  assert.deepEqual(new Set(points), new Set(left))
  assert.deepEqual([ids.length, of, complete], [148, 149, false])
  assert.ok(!ids.includes('late') && !ids.includes('p0'))
})

test('a layout can be cancelled, and leaves the last one', async () => {
  const before = await read(PATH)
  const { body: job } = await send('POST', `${PATH}/map?seed=9`)
  const { body: cancelled } = await send('DELETE', `/v1/jobs/${job.id}`)
  // It may have been quicker.
  if (cancelled.state !== 'succeeded') {
    assert.equal(cancelled.state, 'cancelled')
    assert.deepEqual((await read(PATH)).points, before.points)
  }
})

test('who is erased leaves no map', async () => {
  const { status } = await send('DELETE', `${PATH}/identities/g3`)
  assert.equal(status, 200)
  const { body } = await send('GET', `${PATH}/map?method=umap`)
  assert.equal(body.code, 'MAP_NOT_FOUND')
})
