import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { compareIds } from '../../../../src/engine/collection-spec.ts'
import { joinGenerations } from '../../../../src/engine/embedded/pairs/generation-join.ts'
import type { PairThreads } from '../../../../src/engine/embedded/pairs/pair-threads.ts'
import { parseFilter } from '../../../../src/engine/filter.ts'
import type { JoinedPair, JoinQuery } from '../../../../src/engine/pairs.ts'
import { AppError } from '../../../../src/errors.ts'
import type { JoinSlice } from '../../../../src/index/join/join-task.ts'
import { mapBounded } from '../../../../src/scheduling/map-bounded.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import type { SpaceKind } from '../../../../src/vector/space.ts'
import { type Made, made, type Truth } from '../../../support/made-collection.ts'
import { naiveJoin } from '../../../support/naive-join.ts'
import { withEngine } from '../../../support/open-engine.ts'
import { HARD_SETS } from '../../../support/random-vectors.ts'
import { sampleRecord, sampleSpec } from '../../../support/sample-records.ts'

const DIMENSIONS = 40
const ALL: JoinQuery = { radius: null, k: null, filter: null, otherFilter: null }
const NEVER = new AbortController().signal

function naivePairs(metric: SpaceKind, a: Truth, b: Truth, radius: number): JoinedPair[] {
  const sorted = (truth: Truth) => [...truth].sort(([x], [y]) => compareIds(x, y))
  const left = sorted(a)
  const right = a === b ? left : sorted(b)
  const vectors = left.map(([, vector]) => vector)
  const others = a === b ? vectors : right.map(([, vector]) => vector)
  return naiveJoin(metric, vectors, others, radius).map(({ a: i, b: j, distance }) => {
    return { a: left[i]![0], b: right[j]![0], distance }
  })
}

async function joined(
  { collection }: Made,
  other: Made | null,
  query: Partial<JoinQuery>,
  signal: AbortSignal = NEVER,
): Promise<JoinedPair[]> {
  const own = collection.pin()
  const others = other?.collection.pin()
  const found: JoinedPair[] = []
  try {
    const pairs = own.generation.join(others?.generation ?? null, { ...ALL, ...query }, signal)
    for await (const some of pairs) found.push(...some)
  } finally {
    own.release()
    others?.release()
  }
  return found
}

function sorted(pairs: readonly JoinedPair[]): JoinedPair[] {
  return [...pairs].sort(
    (x, y) => x.distance - y.distance || compareIds(x.a, y.a) || compareIds(x.b, y.b),
  )
}

for (const set of ['random', 'clustered', 'duplicates']) {
  for (const metric of ['euclidean', 'cosine'] as const) {
    test(`${set}, ${metric}: joins equal a double loop, before and after deletes, under filters`, () =>
      withEngine(async (engine) => {
        const seed = 17
        const random = seededRandom(seed)
        const vectors = HARD_SETS[set]!(random, 600, DIMENSIONS)
        const one = await made(engine, 'one', vectors, metric)
        const other = await made(engine, 'other', vectors.slice(0, 200), metric)
        for (const deletes of [false, true]) {
          if (deletes) {
            const ids = [...one.truth.keys()].filter((_, i) => i % 3 === 0)
            await one.collection.delete({ ids })
            for (const id of ids) one.truth.delete(id)
          }
          const all = naivePairs(metric, one.truth, one.truth, Number.POSITIVE_INFINITY)
          const between = naivePairs(metric, one.truth, other.truth, Number.POSITIVE_INFINITY)
          const why = `seed ${seed}, deletes ${deletes}`
          for (const factor of [1, 1 + 2 ** -52, 1 - 2 ** -53]) {
            const radius = all[Math.floor(all.length / 60)]!.distance * factor
            const within = (pairs: readonly JoinedPair[]) =>
              pairs.filter(({ distance }) => distance <= radius)
            assert.deepEqual(sorted(await joined(one, null, { radius })), within(all), why)
            assert.deepEqual(sorted(await joined(one, other, { radius })), within(between), why)
          }
          for (const k of [1, 100]) {
            assert.deepEqual(await joined(one, null, { k }), all.slice(0, k), why)
            assert.deepEqual(await joined(one, other, { k }), between.slice(0, k), why)
          }
        }
        const filter = parseFilter({ n: { $lt: 3 } })
        const some = new Map(
          [...one.truth].filter(([id]) => {
            const row = (Number(id.slice(-5)) * inverse(7919, 600)) % 600
            return row % 10 < 3
          }),
        )
        const wanted = naivePairs(metric, some, some, Number.POSITIVE_INFINITY)
        assert.deepEqual(await joined(one, null, { k: 200, filter }), wanted.slice(0, 200))
      }))
  }
}

/** The number that gives 1 by a product with `a`, but for multiples of `m`. */
function inverse(a: number, m: number): number {
  for (let x = 1; x < m; x++) if ((a * x) % m === 1) return x
  throw new Error(`${a} has no inverse below ${m}`)
}

test('a join whose collection is deleted and written anew meanwhile is that of the moment it began', () =>
  withEngine(async (engine) => {
    const vectors = HARD_SETS.clustered!(seededRandom(3), 2500, DIMENSIONS)
    const one = await made(engine, 'one', vectors, 'euclidean')
    const wanted = naivePairs('euclidean', one.truth, one.truth, 2)
    assert.ok(wanted.length > 100_000, `${wanted.length} pairs`)
    const { generation, release } = one.collection.pin()
    const pairs = generation.join(null, { ...ALL, radius: 2 }, NEVER)
    const found = [...(await pairs.next()).value!]
    const others = HARD_SETS.random!(seededRandom(4), 2500, DIMENSIONS)
    const ids = [...one.truth.keys()]
    await one.collection.delete({ ids })
    await mapBounded(ids, 512, (id, i) =>
      one.collection.put(sampleRecord(id, { vector: others[i]! })),
    )
    for await (const some of pairs) found.push(...some)
    release()
    assert.deepEqual(sorted(found), wanted)
    const left = one.collection.active.rows.slots.searching
    assert.equal(left, false)
  }))

test('joins while a writer deletes and puts back are each equal to a double loop', () =>
  withEngine(async (engine) => {
    const vectors = HARD_SETS.duplicates!(seededRandom(5), 300, 8)
    const one = await made(engine, 'one', vectors, 'cosine')
    const wanted = naivePairs('cosine', one.truth, one.truth, 0.3)
    let isDone = false
    const writer = (async () => {
      const ids = [...one.truth.keys()]
      for (let i = 0; !isDone; i = (i + 1) % ids.length) {
        // The same again: in its place is another version in another row.
        await one.collection.put(sampleRecord(ids[i]!, { vector: one.truth.get(ids[i]!)! }))
      }
    })()
    for (let i = 0; i < 20; i++) {
      assert.deepEqual(sorted(await joined(one, null, { radius: 0.3 })), wanted)
    }
    isDone = true
    await writer
  }))

/** Threads whose every slice finds one pair, after what it does before. */
function twoThreads(before: (signal: AbortSignal) => Promise<void>): PairThreads {
  const join = async (_lane: number, _task: unknown, signal: AbortSignal): Promise<JoinSlice> => {
    await before(signal)
    const pairs = { left: Uint32Array.of(0), right: Uint32Array.of(1) }
    return { ...pairs, distances: Float64Array.of(1), next: null }
  }
  return { lanes: 2, enter: () => () => undefined, join } as unknown as PairThreads
}

test('a join goes on only as its pairs are taken, and leaves when it is left', () =>
  withEngine(async (engine) => {
    const one = await made(engine, 'one', HARD_SETS.random!(seededRandom(6), 2000, 4), 'euclidean')
    const { active } = one.collection
    let begun = 0
    const threads = twoThreads(async () => {
      begun++
    })
    const query = { ...ALL, radius: 1 }
    const pairs = joinGenerations('euclidean', threads, active, null, query, NEVER)
    await pairs.next()
    for (let i = 0; i < 20; i++) await new Promise(setImmediate)
    assert.equal(begun, 3)
    assert.equal(active.rows.slots.searching, true)
    await pairs.return(undefined)
    assert.equal(active.rows.slots.searching, false)
  }))

test('a join that is stopped while its pairs wait to be taken throws the reason when they are asked for', () =>
  withEngine(async (engine) => {
    const one = await made(engine, 'one', HARD_SETS.random!(seededRandom(6), 2000, 4), 'euclidean')
    const { active } = one.collection
    let begun = 0
    const threads = twoThreads(async (signal) => {
      if (begun++ > 0) await once(signal, 'abort')
      signal.throwIfAborted()
    })
    const controller = new AbortController()
    const query = { ...ALL, radius: 1 }
    const pairs = joinGenerations('euclidean', threads, active, null, query, controller.signal)
    await pairs.next()
    const reason = new AppError('CANCELLED', 'nobody waits')
    controller.abort(reason)
    // A failure that nobody has looked at by then ends the process.
    for (let i = 0; i < 20; i++) await new Promise(setImmediate)
    await assert.rejects(pairs.next(), reason)
    assert.equal(active.rows.slots.searching, false)
  }))

test('a join that is stopped throws the reason and unpins its rows', () =>
  withEngine(async (engine) => {
    const vectors = HARD_SETS.random!(seededRandom(7), 6000, 16)
    const one = await made(engine, 'one', vectors, 'euclidean')
    const reason = new AppError('CANCELLED', 'nobody waits')
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), 20)
    await assert.rejects(joined(one, null, { k: 10_000 }, controller.signal), reason)
    assert.equal(one.collection.active.rows.slots.searching, false)
  }))

test('the closest pairs that are found and not yet taken end with the join', () =>
  withEngine(async (engine) => {
    const one = await made(engine, 'one', HARD_SETS.random!(seededRandom(9), 200, 4), 'euclidean')
    const { generation, release } = one.collection.pin()
    const controller = new AbortController()
    const pairs = generation.join(null, { ...ALL, k: 5000 }, controller.signal)
    assert.equal((await pairs.next()).done, false)
    const reason = new AppError('CANCELLED', 'nobody waits')
    controller.abort(reason)
    await assert.rejects(pairs.next(), reason)
    assert.equal(one.collection.active.rows.slots.searching, false)
    release()
  }))

test('rows in a file are joined as rows in memory are', () =>
  withEngine(async (engine) => {
    const vectors = HARD_SETS.clustered!(seededRandom(8), 2300, DIMENSIONS)
    const spec = { name: 'codes', metric: 'euclidean', dimensions: DIMENSIONS } as const
    const { collection } = await engine.create(sampleSpec({ ...spec, memory: 'codes' }))
    const truth = new Map(vectors.map((vector, i) => [`r${String(i).padStart(5, '0')}`, vector]))
    await mapBounded([...truth], 512, ([id, vector]) =>
      collection.put(sampleRecord(id, { vector })),
    )
    await collection.active.rows.background.settled()
    const wanted = naivePairs('euclidean', truth, truth, 0.06)
    assert.ok(wanted.length > 100, `${wanted.length} pairs`)
    assert.deepEqual(sorted(await joined({ collection, truth }, null, { radius: 0.06 })), wanted)
  }))
