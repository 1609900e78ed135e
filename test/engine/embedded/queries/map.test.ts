import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EngineCollection } from '../../../../src/engine/engine.ts'
import type { MapAnswer, MapQuery } from '../../../../src/engine/map.ts'
import type { NewRecord } from '../../../../src/engine/record.ts'
import { naivePlaces } from '../../../support/naive-plane.ts'
import { withEngine } from '../../../support/open-engine.ts'
import { putAll, queryRecords, withPinned } from '../../../support/query-records.ts'
import { sampleSpec } from '../../../support/sample-records.ts'

const RECORDS = 250
const DIMENSIONS = 12
const SEED = 8

async function withMap(
  metric: 'cosine' | 'euclidean',
  memory: 'float32' | 'codes',
  use: (
    collection: EngineCollection,
    records: Map<string, NewRecord>,
    map: (query?: Partial<MapQuery>, signal?: AbortSignal) => Promise<MapAnswer>,
  ) => Promise<void>,
): Promise<void> {
  await withEngine(async (engine) => {
    const dimensions = memory === 'codes' ? 40 : DIMENSIONS
    const { collection } = await engine.create(sampleSpec({ dimensions, metric, memory }))
    const records = queryRecords('clustered', metric, RECORDS, dimensions, SEED)
    await putAll(collection, records)
    await use(collection, records, (query = {}, signal) =>
      withPinned(collection, (generation) => {
        return generation.map({ field: null, limit: 100_000, ...query }, signal)
      }),
    )
  })
}

function assertPlaces({ ids, points }: MapAnswer, records: ReadonlyMap<string, NewRecord>): void {
  assert.deepEqual(new Set(ids), new Set(records.keys()))
  const wanted = naivePlaces(
    ids.map((id) => records.get(id)!.vector),
    2,
  )
  wanted.flat().forEach((value, at) => {
    assert.ok(Math.abs(points[at]! - value) < 1e-4, `seed ${SEED}: ${points[at]} ${value}`)
  })
}

for (const metric of ['cosine', 'euclidean'] as const) {
  for (const memory of ['float32', 'codes'] as const) {
    test(`${metric}, ${memory}: records lie along the first two principal components`, async () => {
      await withMap(metric, memory, async (_, records, map) => {
        const answer = await map()
        assertPlaces(answer, records)
        assert.equal(answer.of, RECORDS)
        assert.deepEqual([answer.plane.records, answer.plane.changes], [RECORDS, 0])
      })
    })
  }
}

test('what is deleted leaves the map, and the rest stays where it is', async () => {
  await withMap('cosine', 'float32', async (collection, records, map) => {
    const before = await map()
    const doomed = [...records.keys()].slice(0, 20)
    await collection.delete({ ids: doomed })
    const after = await map()
    assert.deepEqual([after.of, after.plane.changes], [RECORDS - 20, 20])
    const places = new Map(before.ids.map((id, i) => [id, before.points.slice(2 * i, 2 * i + 2)]))
    for (const id of doomed) places.delete(id)
    const left = new Map(after.ids.map((id, i) => [id, after.points.slice(2 * i, 2 * i + 2)]))
    assert.deepEqual(left, places)
  })
})

test('a replacement is one change', async () => {
  await withMap('cosine', 'float32', async (collection, records, map) => {
    await map()
    for (const record of [...records.values()].slice(0, 15)) await collection.put(record)
    const { of, plane } = await map()
    assert.deepEqual([of, plane.changes], [RECORDS, 15])
  })
})

test('the plane is found anew when a tenth has changed', async () => {
  await withMap('cosine', 'float32', async (collection, records, map) => {
    await map()
    const doomed = [...records.keys()].slice(0, 60)
    await collection.delete({ ids: doomed })
    for (const id of doomed) records.delete(id)
    const answer = await map()
    assertPlaces(answer, records)
    assert.deepEqual(answer.plane.changes, 0)
  })
})

test('points come with the values of a field', async () => {
  await withMap('cosine', 'float32', async (_, records, map) => {
    const fieldOf = (id: string, field: string) => records.get(id)!.metadata[field]
    const { ids, values: people } = await map({ field: 'person' })
    assert.ok(people?.kind === 'values' && people.complete)
    const named = Array.from(people.places, (place) => people.values[place - 1])
    assert.deepEqual(
      named,
      ids.map((id) => fieldOf(id, 'person')),
    )
    const counts = people.values.map((value) => named.filter((name) => name === value).length)
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => b - a),
    )
    const numbered = await map({ field: 'n' })
    assert.ok(numbered.values?.kind === 'numbers')
    assert.deepEqual(
      [...numbered.values.numbers],
      numbered.ids.map((id) => fieldOf(id, 'n')),
    )
    const none = await map({ field: 'nowhere' })
    assert.ok(none.values?.kind === 'values')
    assert.deepEqual(new Set(none.values.places), new Set([0]))
  })
})

test('of more records than points some are drawn, the same again', async () => {
  await withMap('cosine', 'float32', async (_, records, map) => {
    const all = await map()
    const place = new Map(all.ids.map((id, i) => [id, all.points.slice(2 * i, 2 * i + 2)]))
    const some = await map({ limit: 30, field: 'colour' })
    assert.deepEqual([some.ids.length, some.of], [30, RECORDS])
    assert.equal(new Set(some.ids).size, 30)
    some.ids.forEach((id, i) => {
      assert.deepEqual(some.points.slice(2 * i, 2 * i + 2), place.get(id))
    })
    assert.ok(some.values?.kind === 'values')
    const { places, values } = some.values
    assert.deepEqual(
      Array.from(places, (at) => values[at - 1]),
      some.ids.map((id) => records.get(id)!.metadata.colour),
    )
    assert.deepEqual((await map({ limit: 30 })).ids, (await map({ limit: 30 })).ids)
  })
})

test('what is drawn is the same with a field and without, and a write or delete changes one of it', async () => {
  await withMap('cosine', 'float32', async (collection, records, map) => {
    const drawn = async (query: Partial<MapQuery> = {}) => {
      return new Set((await map({ limit: 30, ...query })).ids)
    }
    const changed = (a: ReadonlySet<string>, b: ReadonlySet<string>) => {
      return [...a].filter((id) => !b.has(id)).length
    }
    let before = await drawn()
    for (const [id, record] of [...records].slice(0, 40)) {
      await collection.put(record)
      const after = await drawn()
      assert.deepEqual(await drawn({ field: 'person' }), after, `seed ${SEED}: ${id}`)
      assert.ok(changed(after, before) <= 1, `seed ${SEED}: ${id}`)
      before = after
    }
    for (const id of [...before].slice(0, 5)) {
      await collection.delete({ ids: [id] })
      const after = await drawn()
      assert.deepEqual([changed(before, after), after.has(id)], [1, false])
      before = after
    }
  })
})

test('an empty collection has an empty map', async () => {
  await withEngine(async (engine) => {
    const { collection } = await engine.create(sampleSpec({ dimensions: 3 }))
    const wanted = { field: 'a', limit: 10 }
    const answer = await withPinned(collection, (generation) => generation.map(wanted))
    assert.deepEqual([answer.ids, answer.of, answer.plane.records], [[], 0, 0])
  })
})

test('a stop ends it, and the next one begins anew', async () => {
  await withMap('cosine', 'float32', async (_, records, map) => {
    const gone = new AbortController()
    const stopped = map({}, gone.signal)
    gone.abort(new Error('gone'))
    await assert.rejects(stopped, /gone/)
    assertPlaces(await map(), records)
  })
})
