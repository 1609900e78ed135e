import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareIds } from '../../../../src/engine/collection-spec.ts'
import { compileFilter, parseFilter } from '../../../../src/engine/filter.ts'
import type { SelectAnswer } from '../../../../src/engine/query.ts'
import type { NewRecord } from '../../../../src/engine/record.ts'
import type { SpaceKind } from '../../../../src/vector/space.ts'
import { withEngine } from '../../../support/open-engine.ts'
import {
  distanceOf,
  putAll,
  QUERY_SETS,
  queryRecords,
  withPinned,
} from '../../../support/query-records.ts'
import { sampleSpec } from '../../../support/sample-records.ts'
import { startWriter } from '../../../support/writer.ts'

const RECORDS = 250
const DIMENSIONS = 12
const SEED = 8
const FILTERS = [null, parseFilter({ colour: 'red' }), parseFilter({ n: { $lt: 3 } })]

/** As the words say it: each step looks at all records, and at all that are chosen. */
function naiveRepresentatives(
  records: readonly NewRecord[],
  metric: SpaceKind,
  k: number,
): SelectAnswer {
  const chosen: { record: NewRecord; distance: number }[] = []
  const away = ({ vector }: NewRecord) =>
    Math.min(...chosen.map(({ record }) => distanceOf(metric, vector, record.vector)))
  while (chosen.length < Math.min(k, records.length)) {
    const left = records.filter((one) => !chosen.some(({ record }) => record === one))
    const [next] = left
      .map((record) => ({ record, distance: away(record) }))
      .sort((a, b) =>
        a.distance === b.distance ? compareIds(a.record.id, b.record.id) : b.distance - a.distance,
      )
    chosen.push(next!)
  }
  const stoodFor = chosen.map(() => 0)
  for (const one of records) {
    const own = chosen.findIndex(({ record }) => record === one)
    const distances = chosen.map(({ record }) => distanceOf(metric, one.vector, record.vector))
    const nearest = distances.indexOf(Math.min(...distances))
    stoodFor[own >= 0 ? own : nearest]!++
  }
  return {
    chosen: chosen.map(({ record: { id }, distance }, i) => {
      return { id, distance, records: stoodFor[i]! }
    }),
    of: records.length,
    radius: records.length === 0 ? 0 : Math.max(...records.map(away)),
  }
}

function naiveUnusual(records: readonly NewRecord[], metric: SpaceKind, k: number): SelectAnswer {
  const chosen = records
    .map((one) => {
      const others = records.filter((other) => other !== one)
      const distances = others.map(({ vector }) => distanceOf(metric, one.vector, vector))
      return { id: one.id, distance: Math.min(...distances) }
    })
    .sort((a, b) => (a.distance === b.distance ? compareIds(a.id, b.id) : b.distance - a.distance))
  return { chosen: chosen.slice(0, k), of: records.length }
}

const NAIVE = { representative: naiveRepresentatives, unusual: naiveUnusual }

for (const metric of ['euclidean', 'cosine'] as const) {
  for (const set of QUERY_SETS) {
    test(`${set}, ${metric}: what is chosen is what the definition says`, async () => {
      await withEngine(async (engine) => {
        const spec = sampleSpec({ dimensions: DIMENSIONS, metric })
        const { collection } = await engine.create(spec)
        const records = queryRecords(set, metric, RECORDS, DIMENSIONS, SEED)
        await putAll(collection, records)
        for (const deletes of [0, 50]) {
          const doomed = [...records.keys()].slice(0, deletes)
          await collection.delete({ ids: doomed })
          for (const id of doomed) records.delete(id)
          await withPinned(collection, async (generation) => {
            for (const filter of FILTERS) {
              const meets = filter === null ? () => true : compileFilter(filter)
              const left = [...records.values()].filter(({ metadata }) => meets(metadata))
              for (const what of ['representative', 'unusual'] as const) {
                for (const k of [1, 12]) {
                  const found = await generation.select({ what, k, filter })
                  const expected = NAIVE[what](left, metric, k)
                  assert.deepEqual(found, expected, `seed ${SEED}, ${what}, k ${k}`)
                }
              }
            }
          })
        }
      })
    })
  }

  test(`${metric}: what is chosen beside a writer is of one moment`, async () => {
    await withEngine(async (engine) => {
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS, metric }))
      const records = queryRecords('clustered', metric, RECORDS, DIMENSIONS, SEED)
      await putAll(collection, records)
      const all = [...records.values()]
      const moving = all.slice(0, 3)
      const possible = [null, ...moving].map((one) => all.filter((record) => record !== one))
      const writer = startWriter(collection, all.slice(3, 100), moving)
      for (let q = 0; q < 20; q++) {
        const what = q % 2 === 0 ? 'unusual' : 'representative'
        const filter = q % 4 < 2 ? null : parseFilter({ n: { $gte: 0 } })
        const found = await withPinned(collection, (generation) =>
          generation.select({ what, k: 4, filter }),
        )
        const isOne = possible.some((there) => {
          return JSON.stringify(NAIVE[what](there, metric, 4)) === JSON.stringify(found)
        })
        assert.ok(isOne, `${what}, query ${q}: ${JSON.stringify(found)}`)
      }
      await writer.stop()
      assert.ok(writer.writes > 9, `${writer.writes} writes`)
    })
  })
}

test('the radius of representatives is at most twice that of any others', async () => {
  await withEngine(async (engine) => {
    const { collection } = await engine.create(sampleSpec({ dimensions: 2 }))
    const records = queryRecords('random', 'euclidean', 14, 2, SEED)
    await putAll(collection, records)
    const all = [...records.values()]
    let least = Number.POSITIVE_INFINITY
    for (const a of all) {
      for (const b of all) {
        for (const c of all) {
          const radius = Math.max(
            ...all.map(({ vector }) =>
              Math.min(...[a, b, c].map((one) => distanceOf('euclidean', one.vector, vector))),
            ),
          )
          least = Math.min(least, radius)
        }
      }
    }
    const { radius } = await withPinned(collection, (generation) =>
      generation.select({ what: 'representative', k: 3, filter: null }),
    )
    assert.ok(radius! >= least && radius! <= 2 * least, `${radius} and ${least}`)
  })
})
