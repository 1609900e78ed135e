import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareIds } from '../../../../src/engine/collection-spec.ts'
import { parseFilter } from '../../../../src/engine/filter.ts'
import { type EngineQuery, NEAREST_IDS } from '../../../../src/engine/query.ts'
import type { NewRecord } from '../../../../src/engine/record.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import type { SpaceKind } from '../../../../src/vector/space.ts'
import { withEngine } from '../../../support/open-engine.ts'
import {
  distanceOf,
  nearestOf,
  putAll,
  QUERY_SETS,
  queryRecords,
  withPinned,
} from '../../../support/query-records.ts'
import { sampleSpec } from '../../../support/sample-records.ts'
import { startWriter } from '../../../support/writer.ts'

const RECORDS = 3000
const DIMENSIONS = 48
const SEED = 4
const FILTERS = [null, parseFilter({ colour: 'red' }), parseFilter({ n: { $lt: 5 } })]

type Ranked = ReturnType<typeof nearestOf>

function farthestOf(order: Ranked, k: number): Ranked {
  return [...order]
    .sort((a, b) => b.distance - a.distance || compareIds(a.record.id, b.record.id))
    .slice(0, k)
}

/** Maximal marginal relevance as its definition says it, with minus the distance as either similarity. */
function diverseOf(order: Ranked, metric: SpaceKind, k: number, diversity: number): Ranked {
  const lambda = 1 - diversity
  const chosen: Ranked[number][] = []
  while (chosen.length < Math.min(k, order.length)) {
    const left = order.filter((one) => !chosen.includes(one))
    const scores = left.map(({ record, distance }) => {
      const likeness = chosen.map((one) => -distanceOf(metric, record.vector, one.record.vector))
      const redundancy = chosen.length === 0 ? 0 : Math.max(...likeness)
      return lambda * -distance - diversity * redundancy
    })
    chosen.push(left[scores.indexOf(Math.max(...scores))]!)
  }
  return chosen
}

const shown = (ranked: Ranked) => ranked.map(({ record: { id }, distance }) => ({ id, distance }))

for (const metric of ['euclidean', 'cosine'] as const) {
  for (const set of QUERY_SETS) {
    test(`${set}, ${metric}: the farthest are those of a loop, and diverse ones those of the definition`, async () => {
      await withEngine(async (engine) => {
        const random = seededRandom(SEED)
        const spec = sampleSpec({ dimensions: DIMENSIONS, metric })
        const { collection } = await engine.create(spec)
        const records = queryRecords(set, metric, RECORDS, DIMENSIONS, SEED)
        await putAll(collection, records)
        for (const deletes of [0, 300]) {
          const doomed = [...records.keys()].filter((_, i) => i % 7 === 0).slice(0, deletes)
          await collection.delete({ ids: doomed })
          for (const id of doomed) records.delete(id)
          const all = [...records.values()]
          await withPinned(collection, async (generation) => {
            for (const filter of FILTERS) {
              const { id, vector } = all[Math.floor(random() * all.length)]!
              const without = [id]
              const base: EngineQuery = {
                ...NEAREST_IDS,
                vector,
                filter,
                without,
                k: 10,
                limit: 1000,
              }
              const order = nearestOf(all, metric, base)
              for (const k of [1, 10, 100]) {
                const found = await generation.search({ ...base, k, farthest: true })
                assert.deepEqual(found.matches, shown(farthestOf(order, k)), `${id}, k ${k}`)
                assert.ok(found.exact && found.complete)
              }
              for (const diversity of [0, 0.3, 1]) {
                const diversify = { diversity, candidates: 60 }
                const found = await generation.search({ ...base, diversify })
                const expected = diverseOf(order.slice(0, 60), metric, 10, diversity)
                assert.deepEqual(found.matches, shown(expected), `${id}, diversity ${diversity}`)
              }
            }
          })
        }
      })
    })
  }

  test(`${metric}: the farthest and diverse ones beside a writer are of one moment`, async () => {
    await withEngine(async (engine) => {
      const random = seededRandom(SEED)
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS, metric }))
      const records = queryRecords('clustered', metric, RECORDS, DIMENSIONS, SEED)
      await putAll(collection, records)
      const all: readonly NewRecord[] = [...records.values()]
      const moving = all.slice(0, 3)
      const writer = startWriter(collection, all.slice(3, 300), moving)
      for (let q = 0; q < 20; q++) {
        const { vector } = all[Math.floor(random() * all.length)]!
        const filter = q % 4 < 2 ? null : parseFilter({ n: { $gte: 0 } })
        const query: EngineQuery = { ...NEAREST_IDS, vector, filter, k: 10, limit: 10 }
        const order = nearestOf(all, metric, query)
        const possible = [null, ...moving].map((gone) => {
          const there = order.filter(({ record }) => record !== gone)
          return q % 2 === 0
            ? farthestOf(there, 10)
            : diverseOf(there.slice(0, 40), metric, 10, 0.5)
        })
        const own =
          q % 2 === 0 ? { farthest: true } : { diversify: { diversity: 0.5, candidates: 40 } }
        const { matches } = await withPinned(collection, (generation) =>
          generation.search({ ...query, ...own }),
        )
        const isOne = possible.some(
          (expected) => JSON.stringify(shown(expected)) === JSON.stringify(matches),
        )
        assert.ok(isOne, `query ${q}: ${JSON.stringify(matches)}`)
      }
      await writer.stop()
      assert.ok(writer.writes > 9, `${writer.writes} writes`)
    })
  })
}
