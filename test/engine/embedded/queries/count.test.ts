import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileFilter, parseFilter } from '../../../../src/engine/filter.ts'
import type { NewRecord } from '../../../../src/engine/record.ts'
import { type Random, seededRandom } from '../../../../src/vector/random.ts'
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

const RECORDS = 3000
const DIMENSIONS = 48
const FILTERS = [null, parseFilter({ colour: 'red' }), parseFilter({ n: { $lt: 30 } })]

function drawn(records: ReadonlyMap<string, NewRecord>, random: Random): NewRecord {
  return [...records.values()][Math.floor(random() * records.size)]!
}

for (const metric of ['euclidean', 'cosine'] as const satisfies readonly SpaceKind[]) {
  for (const set of QUERY_SETS) {
    test(`${set}, ${metric}: records within a radius are counted as a loop over all counts them`, async () => {
      await withEngine(async (engine) => {
        const seed = 5
        const random = seededRandom(seed)
        const spec = sampleSpec({ dimensions: DIMENSIONS, metric })
        const { collection } = await engine.create(spec)
        const records = queryRecords(set, metric, RECORDS, DIMENSIONS, seed)
        await putAll(collection, records)
        for (const deletes of [0, 700]) {
          for (let i = 0; i < deletes; i++) {
            const { id } = drawn(records, random)
            await collection.delete({ ids: [id] })
            records.delete(id)
          }
          await withPinned(collection, async (generation) => {
            for (let q = 0; q < 9; q++) {
              const { id, vector } = drawn(records, random)
              const edge = distanceOf(metric, vector, drawn(records, random).vector)
              const radius = edge * [1, 1 + 2 ** -52, 1 - 2 ** -53][q % 3]!
              for (const filter of FILTERS) {
                const meets = filter === null ? () => true : compileFilter(filter)
                const expected = [...records.values()].filter(
                  (other) =>
                    other.id !== id &&
                    meets(other.metadata) &&
                    distanceOf(metric, vector, other.vector) <= radius,
                )
                const query = { vector, radius, filter, without: [id] }
                const { count } = await generation.countWithin(query)
                assert.equal(count, expected.length, `seed ${seed}, query ${q}, radius ${radius}`)
              }
            }
          })
        }
      })
    })
  }

  test(`${metric}: a count beside a writer is that of one moment`, async () => {
    await withEngine(async (engine) => {
      const seed = 9
      const random = seededRandom(seed)
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS, metric }))
      const records = queryRecords('clustered', metric, RECORDS, DIMENSIONS, seed)
      await putAll(collection, records)
      const all = [...records.values()]
      const moving = all.slice(0, 40)
      const writer = startWriter(collection, all.slice(40, 400), moving)
      for (let q = 0; q < 60; q++) {
        const { vector } = drawn(records, random)
        const radius = distanceOf(metric, vector, drawn(records, random).vector)
        const filter = FILTERS[q % 2]!
        const meets = filter === null ? () => true : compileFilter(filter)
        const within = all.filter(
          (other) => meets(other.metadata) && distanceOf(metric, vector, other.vector) <= radius,
        )
        const { count } = await withPinned(collection, (generation) =>
          generation.countWithin({ vector, radius, filter, without: [] }),
        )
        // Of those that come and go one at most is gone at a time.
        const missing = within.length - count
        const mayBeGone = within.some((record) => moving.includes(record)) ? 1 : 0
        assert.ok(missing >= 0 && missing <= mayBeGone, `query ${q}: ${missing} missing`)
      }
      await writer.stop()
      assert.ok(writer.writes > 9, `${writer.writes} writes`)
    })
  })
}
