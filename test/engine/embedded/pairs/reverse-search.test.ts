import assert from 'node:assert/strict'
import { setMaxListeners } from 'node:events'
import { test } from 'node:test'
import { compareIds } from '../../../../src/engine/collection-spec.ts'
import { parseFilter } from '../../../../src/engine/filter.ts'
import type { Hub, ReverseMatch, ReverseQuery } from '../../../../src/engine/pairs.ts'
import { AppError } from '../../../../src/errors.ts'
import { mapBounded } from '../../../../src/scheduling/map-bounded.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { distanceFromSquared, type SpaceKind } from '../../../../src/vector/space.ts'
import { squaredEuclidean } from '../../../../src/vector/squared-euclidean.ts'
import { type Made, made, type Truth } from '../../../support/made-collection.ts'
import { withEngine } from '../../../support/open-engine.ts'
import { HARD_SETS } from '../../../support/random-vectors.ts'
import { sampleRecord } from '../../../support/sample-records.ts'

const NEVER = new AbortController().signal
setMaxListeners(0, NEVER)
const SEED = 23

type Asked = Pick<ReverseQuery, 'vector' | 'id' | 'k'>

/** The rank of the query among the neighbours of every record, by its definition. */
function naiveRanks(metric: SpaceKind, truth: Truth, { vector, id, k }: Asked): ReverseMatch[] {
  const others = [...truth].filter(([other]) => other !== id)
  const distance = (a: Float32Array, b: Float32Array) =>
    distanceFromSquared(metric, squaredEuclidean(a, b))
  return others
    .map(([x, from]) => {
      const own = distance(from, vector)
      const nearer = others.filter(([y, to]) => {
        if (y === x) return false
        const other = distance(from, to)
        return other < own || (other === own && id !== null && compareIds(y, id) < 0)
      })
      return { id: x, distance: own, rank: nearer.length + 1 }
    })
    .filter(({ rank }) => rank <= k)
    .sort((a, b) => a.distance - b.distance || compareIds(a.id, b.id))
}

function naiveHubs(metric: SpaceKind, truth: Truth, k: number): Hub[] {
  const counts = new Map<string, number>()
  for (const [x, from] of truth) {
    const nearest = [...truth]
      .filter(([y]) => y !== x)
      .map(([y, to]) => ({ y, distance: distanceFromSquared(metric, squaredEuclidean(from, to)) }))
      .sort((a, b) => a.distance - b.distance || compareIds(a.y, b.y))
    for (const { y } of nearest.slice(0, k)) counts.set(y, (counts.get(y) ?? 0) + 1)
  }
  return [...counts]
    .map(([id, count]) => ({ id, count }))
    .sort((a, b) => b.count - a.count || compareIds(a.id, b.id))
}

async function reversed({ collection }: Made, asked: Asked & Partial<ReverseQuery>) {
  const { generation, release } = collection.pin()
  const without = asked.id === null ? [] : [asked.id]
  try {
    const query = { filter: null, without, limit: 10_000, ...asked }
    return await generation.reverseSearch(query, NEVER)
  } finally {
    release()
  }
}

for (const set of ['random', 'clustered', 'duplicates']) {
  for (const metric of ['euclidean', 'cosine'] as const) {
    test(`${set}, ${metric}: who has a query among its k nearest is as by the definition`, () =>
      withEngine(async (engine) => {
        const vectors = HARD_SETS[set]!(seededRandom(SEED), 300, 20)
        const one = await made(engine, 'one', vectors, metric)
        const why = `seed ${SEED}`
        for (const deletes of [false, true]) {
          if (deletes) {
            const ids = [...one.truth.keys()].filter((_, i) => i % 4 === 0)
            await one.collection.delete({ ids })
            for (const id of ids) one.truth.delete(id)
          }
          const [[id, vector]] = [...one.truth].slice(7, 8) as [[string, Float32Array]]
          for (const k of [1, 5, 40]) {
            for (const asked of [
              { vector, id, k },
              { vector, id: null, k },
            ]) {
              const wanted = naiveRanks(metric, one.truth, asked)
              assert.deepEqual(await reversed(one, asked), { matches: wanted, complete: true }, why)
            }
          }
          const limited = await reversed(one, { vector, id, k: 40, limit: 2 })
          const all = naiveRanks(metric, one.truth, { vector, id, k: 40 })
          assert.deepEqual(limited, { matches: all.slice(0, 2), complete: all.length <= 2 })
        }
      }))
  }
}

test('under a filter the others are not there', () =>
  withEngine(async (engine) => {
    const vectors = HARD_SETS.random!(seededRandom(SEED), 200, 8)
    const one = await made(engine, 'one', vectors, 'euclidean')
    const kept = new Set<string>()
    for (const { id, metadata } of await one.collection.scroll({
      after: null,
      limit: 200,
      filter: null,
      vectors: false,
      searchable: true,
    })) {
      if ((metadata.n as number) < 4) kept.add(id)
    }
    const some = new Map([...one.truth].filter(([id]) => kept.has(id)))
    const asked = { vector: vectors[3]!, id: null, k: 5 }
    const found = await reversed(one, { ...asked, filter: parseFilter({ n: { $lt: 4 } }) })
    assert.deepEqual(found.matches, naiveRanks('euclidean', some, asked), `seed ${SEED}`)
  }))

test('rows with codes and more than one look at are as by the definition', () =>
  withEngine(async (engine) => {
    const vectors = HARD_SETS.clustered!(seededRandom(SEED), 5000, 40)
    const one = await made(engine, 'one', vectors, 'cosine')
    const [[id, vector]] = [...one.truth].slice(100, 101) as [[string, Float32Array]]
    const asked = { vector, id, k: 40 }
    const found = await reversed(one, asked)
    // Only records of its cluster can have it among their nearest.
    const near = [...one.truth].filter(([, other]) => squaredEuclidean(other, vector) < 0.1)
    const wanted = naiveRanks('cosine', new Map(near), asked)
    assert.ok(wanted.length > 0)
    assert.deepEqual(found.matches, wanted, `seed ${SEED}`)
  }))

test('while a writer puts the same again every answer is as by the definition', () =>
  withEngine(async (engine) => {
    const vectors = HARD_SETS.duplicates!(seededRandom(SEED), 200, 8)
    const one = await made(engine, 'one', vectors, 'euclidean')
    const asked = { vector: vectors[1]!, id: null, k: 30 }
    const wanted = naiveRanks('euclidean', one.truth, asked)
    let isDone = false
    const writer = (async () => {
      const ids = [...one.truth.keys()]
      for (let i = 0; !isDone; i = (i + 1) % ids.length) {
        await one.collection.put(sampleRecord(ids[i]!, { vector: one.truth.get(ids[i]!)! }))
      }
    })()
    for (let i = 0; i < 20; i++) {
      assert.deepEqual((await reversed(one, asked)).matches, wanted, `seed ${SEED}`)
    }
    isDone = true
    await writer
  }))

for (const set of ['random', 'duplicates']) {
  test(`${set}: hubs are counted as by the definition`, () =>
    withEngine(async (engine) => {
      const vectors = HARD_SETS[set]!(seededRandom(SEED), 200, 10)
      const one = await made(engine, 'one', vectors, 'euclidean')
      const { generation, release } = one.collection.pin()
      const wanted = naiveHubs('euclidean', one.truth, 6)
      const query = { k: 6, filter: null, limit: 1000, records: null }
      const { hubs, never, records, complete, skewness } = await generation.hubs(query, NEVER)
      const few = await generation.hubs({ ...query, limit: 3, records: 50 }, NEVER)
      for (const limit of [1, 2, 10, 30, 100]) {
        const first = (await generation.hubs({ ...query, limit }, NEVER)).hubs
        assert.deepEqual(first, wanted.slice(0, limit), `seed ${SEED}, limit ${limit}`)
      }
      release()
      assert.deepEqual(hubs, wanted, `seed ${SEED}`)
      assert.deepEqual([never, records, complete], [200 - wanted.length, 200, true])
      const counts = [...wanted.map(({ count }) => count), ...new Array<number>(never).fill(0)]
      const moment = (n: number) => counts.reduce((sum, count) => sum + (count - 6) ** n, 0) / 200
      assert.ok(Math.abs(skewness - moment(3) / moment(2) ** 1.5) < 1e-9)
      assert.deepEqual([few.hubs.length, few.records, few.complete], [3, 50, false])
    }))
}

test('hubs are those of the moment in which they are asked for, whatever is put meanwhile', () =>
  withEngine(async (engine) => {
    const vectors = HARD_SETS.random!(seededRandom(SEED), 150, 8)
    const one = await made(engine, 'one', vectors, 'euclidean')
    const { slots } = one.collection.active.rows
    const { generation, release } = one.collection.pin()
    const news = Array.from({ length: 400 }, (_, i) => `new-${i}`)
    news.forEach((id, i) => {
      one.truth.set(id, vectors[i % 150]!)
    })
    const writing = mapBounded(news, 4, (id) =>
      one.collection.put(sampleRecord(id, { vector: one.truth.get(id)! })),
    )
    const sizes: number[] = []
    while ((sizes.at(-1) ?? 0) < 550 && sizes.length < 10) {
      const ids = [...slots.rowsInUse()].map((row) => slots.id(row))
      const moment = new Map(ids.map((id) => [id, one.truth.get(id)!]))
      const query = { k: 6, filter: null, limit: 1000, records: null }
      const { hubs } = await generation.hubs(query, NEVER)
      assert.deepEqual(hubs, naiveHubs('euclidean', moment, 6), `seed ${SEED}`)
      sizes.push(moment.size)
    }
    await writing
    release()
    assert.ok(sizes.length > 1, `${sizes}`)
  }))

test('both end when they are stopped, and unpin their rows', () =>
  withEngine(async (engine) => {
    const vectors = HARD_SETS.duplicates!(seededRandom(SEED), 5000, 16)
    const one = await made(engine, 'one', vectors, 'euclidean')
    const reason = new AppError('CANCELLED', 'nobody waits')
    const { generation, release } = one.collection.pin()
    const asked = { vector: vectors[0]!, id: null, k: 5000, filter: null, without: [], limit: 1 }
    for (const work of [
      (signal: AbortSignal) => generation.reverseSearch(asked, signal),
      (signal: AbortSignal) =>
        generation.hubs({ k: 100, filter: null, limit: 1, records: null }, signal),
    ]) {
      const controller = new AbortController()
      setMaxListeners(0, controller.signal)
      setTimeout(() => controller.abort(reason), 30)
      await assert.rejects(work(controller.signal), reason)
    }
    release()
    while (one.collection.active.rows.slots.searching) await new Promise(setImmediate)
  }))
