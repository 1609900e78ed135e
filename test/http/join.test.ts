import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { seededRandom } from '../../src/vector/random.ts'
import { toStoredVector } from '../../src/vector/stored-vector.ts'
import { call, startServer, type TestServer } from '../support/http.ts'
import { naiveJoin } from '../support/naive-join.ts'
import { HARD_SETS } from '../support/random-vectors.ts'
import { head, RawClient } from '../support/raw-http.ts'
import { openService, type TestService } from '../support/service.ts'

const SEED = 12
const DIMENSIONS = 6
const guest = { authorization: 'Bearer g-secret' }
const writer = { authorization: 'Bearer w-secret' }

let service: TestService
let server: TestServer
let old: Float32Array[]
let fresh: Float32Array[]

before(async () => {
  service = await openService()
  server = await startServer(service.collections, {
    keys: [
      { name: 'guest', scope: 'read', secret: 'g-secret', collections: ['fresh'] },
      { name: 'writer', scope: 'write', secret: 'w-secret', collections: null },
    ],
  })
  const random = seededRandom(SEED)
  old = await filled('old', HARD_SETS.random!(random, 80, DIMENSIONS))
  fresh = await filled('fresh', [...old.slice(0, 3), ...HARD_SETS.random!(random, 40, DIMENSIONS)])
  await service.collections.create({ name: 'other', dimensions: 2 })
  await service.collections.create({ name: 'flat', dimensions: DIMENSIONS, metric: 'euclidean' })
})

after(async () => {
  await server.server.close()
  await service.close()
})

async function filled(name: string, vectors: readonly Float32Array[]): Promise<Float32Array[]> {
  await service.collections.create({ name, dimensions: DIMENSIONS })
  await service.collections
    .get(name)
    .addVectors(
      vectors.map((vector, i) => ({ id: idOf(i), vector, metadata: { even: i % 2 === 0 } })),
    )
  return vectors.map((vector) => toStoredVector(vector, DIMENSIONS, 'cosine'))
}

function idOf(i: number): string {
  return String(i).padStart(3, '0')
}

async function joined(name: string, body: unknown, headers: Record<string, string> = writer) {
  const response = await fetch(`${server.origin}/v1/collections/${name}/join`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (response.status !== 200) return { status: response.status, problem: JSON.parse(text) }
  assert.match(response.headers.get('content-type')!, /^application\/x-ndjson/)
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  return { status: 200, pairs: lines.slice(0, -1), last: lines.at(-1) }
}

function named(pairs: ReturnType<typeof naiveJoin>) {
  return pairs.map(({ a, b, distance }) => ({ a: idOf(a), b: idOf(b), distance }))
}

test('pairs come a line each, the closest in order, and the last line says that they are all', async () => {
  const wanted = named(naiveJoin('cosine', old, old, Number.POSITIVE_INFINITY)).slice(0, 25)
  const { pairs, last } = await joined('old', { k: 25 })
  assert.deepEqual(pairs, wanted, `seed ${SEED}`)
  assert.deepEqual(last, { complete: true, pairs: 25 })
  const radius = wanted.at(-1)!.distance
  const within = await joined('old', { radius, with: 'old' })
  const key = (pair: { a: string; b: string }) => `${pair.a} ${pair.b}`
  assert.deepEqual(new Set(within.pairs!.map(key)), new Set(wanted.map(key)))
})

test('what is about to be imported and is there already is found by a join with radius 0', async () => {
  const { pairs, last } = await joined('fresh', { with: 'old', radius: 0 })
  const same = [0, 1, 2].map((i) => ({ a: idOf(i), b: idOf(i), distance: 0 }))
  assert.deepEqual([pairs, last], [same, { complete: true, pairs: 3 }])
})

test('filters leave out records of either side', async () => {
  const body = { with: 'old', k: 50, filter: { even: true }, withFilter: { even: false } }
  const { pairs } = await joined('fresh', body)
  const wanted = naiveJoin('cosine', fresh, old, Number.POSITIVE_INFINITY)
    .filter(({ a, b }) => a % 2 === 0 && b % 2 === 1)
    .slice(0, 50)
  assert.deepEqual(pairs, named(wanted))
})

test('no pairs are one line', async () => {
  const answer = await joined('old', { radius: 0 })
  assert.deepEqual([answer.pairs, answer.last], [[], { complete: true, pairs: 0 }])
})

test('collections of other vectors are refused, and both are named', async () => {
  for (const other of ['other', 'flat']) {
    const { status, problem } = await joined('old', { with: other, k: 1 })
    assert.deepEqual([status, problem.code], [409, 'COLLECTIONS_NOT_COMPARABLE'])
    assert.match(problem.detail, new RegExp(`old has .*, ${other} has `))
  }
})

test('a request that says too little or too much is refused', async () => {
  for (const [body, detail] of [
    [{}, /expected a radius, a k, or both/],
    [{ k: 1, withFilter: { a: 1 } }, /expected "with" beside it/],
    [{ k: 1, with: 'old', withFilter: { a: 1 } }, /expected another collection/],
  ] as const) {
    const { status, problem } = await joined('old', body)
    assert.deepEqual([status, problem.code], [400, 'INVALID_REQUEST'])
    assert.match(problem.detail, detail)
  }
})

test('a key joins with no collection that it does not see', async () => {
  const seen = await joined('fresh', { k: 1 }, guest)
  assert.equal(seen.status, 200)
  for (const other of ['old', 'nowhere']) {
    const { status, problem } = await joined('fresh', { with: other, k: 1 }, guest)
    assert.deepEqual([status, problem.code], [404, 'COLLECTION_NOT_FOUND'])
    assert.equal(problem.detail, `no collection "${other}"`)
  }
})

test('a client that goes ends the join', async () => {
  const name = 'many'
  await filled(name, HARD_SETS.random!(seededRandom(1), 4000, DIMENSIONS))
  const text = JSON.stringify({ radius: 2 })
  const client = new RawClient(server.port)
  const headers = { ...writer, 'content-type': 'application/json', 'content-length': text.length }
  client.send(head('POST', `/v1/collections/${name}/join`, headers)).send(text)
  await client.until('"distance"')
  client.socket.destroy()
  // It would be told of a join under way.
  const { engine } = service.collections.get(name) as unknown as {
    engine: { active: { rows: { slots: { searching: boolean } } } }
  }
  while (engine.active.rows.slots.searching) await new Promise(setImmediate)
  assert.equal((await call(server, 'GET', '/v1/collections/old', undefined, writer)).status, 200)
})

/** A join that gives what it is told, and then nothing until it is stopped. */
async function endless(t: TestContext, first: readonly unknown[]): Promise<TestServer> {
  const pairs = {
    async *join(_: unknown, __: unknown, signal: AbortSignal) {
      if (first.length > 0) yield first
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      throw new Error('as broken as work is that was stopped anywhere')
    },
  }
  const limits = { maxBodyBytes: 1000, deadlineMs: 60 }
  const slow = await startServer({ get: () => ({ pairs }) } as never, { limits })
  t.after(() => slow.server.close())
  return slow
}

async function linesOf({ origin }: TestServer): Promise<unknown[]> {
  const response = await fetch(`${origin}/v1/collections/c/join`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"k":1}',
  })
  const lines = (await response.text()).trimEnd().split('\n')
  return [response.status, ...lines.map((line) => JSON.parse(line))]
}

test('the deadline ends a join that has begun with a last line that says so', async (t) => {
  const pair = { a: 'x', b: 'y', distance: 1 }
  const [status, line, last] = await linesOf(await endless(t, [pair]))
  const { detail, ...others } = last as Record<string, unknown>
  assert.deepEqual([status, line], [200, pair])
  assert.deepEqual(others, { complete: false, pairs: 1, code: 'DEADLINE_EXCEEDED' })
  assert.match(detail as string, /within 0.06 seconds/)
})

test('the deadline of a join that has found nothing is a problem', async (t) => {
  const [status, problem] = await linesOf(await endless(t, []))
  assert.deepEqual([status, (problem as { code: string }).code], [504, 'DEADLINE_EXCEEDED'])
})
