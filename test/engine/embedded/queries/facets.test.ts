import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileFilter, parseFilter } from '../../../../src/engine/filter.ts'
import { compareIdentities, type IdentityValue } from '../../../../src/engine/identity-value.ts'
import type { FacetAnswer, FacetQuery } from '../../../../src/engine/query.ts'
import type { NewRecord } from '../../../../src/engine/record.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { withEngine } from '../../../support/open-engine.ts'
import {
  nearestOf,
  putAll,
  QUERY_SETS,
  queryRecords,
  withPinned,
} from '../../../support/query-records.ts'
import { sampleSpec } from '../../../support/sample-records.ts'
import { startWriter } from '../../../support/writer.ts'

const RECORDS = 1500
const DIMENSIONS = 24
const SEED = 6
const FIELDS = ['colour', 'person', 'tags', 'nothing']
const FILTERS = [null, parseFilter({ colour: { $ne: 'red' } }), parseFilter({ n: { $lt: 20 } })]

/** Counts with a filter for each value that there is. */
function naiveFacets(records: readonly NewRecord[], limit: number): FacetAnswer['fields'] {
  return FIELDS.map((field) => {
    const values = new Set<IdentityValue>()
    for (const { metadata } of records) {
      for (const value of [metadata[field]].flat()) {
        if (value !== undefined) values.add(value as IdentityValue)
      }
    }
    const counted = [...values].map((value) => {
      const meets = compileFilter(parseFilter({ [field]: value }))
      return { value, count: records.filter(({ metadata }) => meets(metadata)).length }
    })
    counted.sort((a, b) => b.count - a.count || compareIdentities(a.value, b.value))
    return { values: counted.slice(0, limit), complete: counted.length <= limit }
  })
}

for (const metric of ['euclidean', 'cosine'] as const) {
  for (const set of QUERY_SETS) {
    test(`${set}, ${metric}: facets count what a filter for each value would`, async () => {
      await withEngine(async (engine) => {
        const random = seededRandom(SEED)
        const spec = sampleSpec({ dimensions: DIMENSIONS, metric })
        const { collection } = await engine.create(spec)
        const records = queryRecords(set, metric, RECORDS, DIMENSIONS, SEED)
        await putAll(collection, records)
        for (const deletes of [0, 300]) {
          const doomed = [...records.keys()].filter((_, i) => i % 5 === 0).slice(0, deletes)
          await collection.delete({ ids: doomed })
          for (const id of doomed) records.delete(id)
          const all = [...records.values()]
          await withPinned(collection, async (generation) => {
            for (const filter of FILTERS) {
              const { id, vector } = all[Math.floor(random() * all.length)]!
              const without = [id]
              const order = nearestOf(all, metric, { vector, filter, without })
              const edge = order[Math.floor(order.length / 2)]!.distance
              for (const limit of [3, 1000]) {
                const meets = filter === null ? () => true : compileFilter(filter)
                const asked = { fields: FIELDS, filter, limit }
                const what = `seed ${SEED}, record ${id}`
                const check = async (near: FacetQuery['near'], counted: readonly NewRecord[]) => {
                  const answer = await generation.facets({ ...asked, near })
                  assert.equal(answer.records, counted.length, what)
                  assert.deepEqual(answer.fields, naiveFacets(counted, limit), what)
                  assert.equal(answer.exact, true, what)
                }
                await check(
                  null,
                  all.filter(({ metadata }) => meets(metadata)),
                )
                for (const radius of [edge, edge * (1 + 2 ** -52), edge * (1 - 2 ** -53)]) {
                  const within = order.filter(({ distance }) => distance <= radius)
                  const records = within.map((found) => found.record)
                  await check({ vector, without, radius, k: null }, records)
                  await check({ vector, without, radius, k: 7 }, records.slice(0, 7))
                }
                const nearest = order.slice(0, 40).map((found) => found.record)
                await check({ vector, without, radius: null, k: 40 }, nearest)
              }
            }
          })
        }
      })
    })
  }

  test(`${metric}: facets beside a writer are of one moment`, async () => {
    await withEngine(async (engine) => {
      const random = seededRandom(SEED)
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS, metric }))
      const records = queryRecords('clustered', metric, RECORDS, DIMENSIONS, SEED)
      await putAll(collection, records)
      const all = [...records.values()]
      const moving = all.slice(0, 5)
      const writer = startWriter(collection, all.slice(5, 400), moving)
      for (let q = 0; q < 16; q++) {
        const { vector } = all[Math.floor(random() * all.length)]!
        const order = nearestOf(all, metric, { vector, filter: null, without: [] })
        const radius = order[700]!.distance
        const within = order.filter(({ distance }) => distance <= radius)
        const near = q % 2 === 0 ? null : { vector, radius, k: null, without: [] }
        const counted = near === null ? all : within.map(({ record }) => record)
        // Of those that come and go one at most is gone at a time.
        const gone = counted.filter((record) => moving.includes(record))
        const possible = [null, ...gone].map((one) => {
          const there = counted.filter((record) => record !== one)
          return { records: there.length, exact: true, fields: naiveFacets(there, 2000) }
        })
        const answer = await withPinned(collection, (generation) =>
          generation.facets({ fields: FIELDS, filter: null, near, limit: 2000 }),
        )
        const isOne = possible.some(
          (expected) => JSON.stringify(expected) === JSON.stringify(answer),
        )
        assert.ok(isOne, `query ${q}: ${answer.records} of ${counted.length} records`)
      }
      await writer.stop()
      assert.ok(writer.writes > 9, `${writer.writes} writes`)
    })
  })
}

test('a field of more values than are told apart is cut and no longer exact, and what is counted of it is right', async () => {
  await withEngine(async (engine) => {
    const { collection } = await engine.create(sampleSpec({ dimensions: 2 }))
    const text = 'x'.repeat(60_000)
    const records = Array.from({ length: 100 }, (_, i) => {
      const metadata = { text: `${i % 90} ${text}`, kind: i % 2 }
      return { id: `r${i}`, vector: Float32Array.of(1, i), metadata, image: null, content: null }
    })
    await putAll(collection, new Map(records.map((record) => [record.id, record])))
    const answer = await withPinned(collection, (generation) =>
      generation.facets({ fields: ['text', 'kind'], filter: null, near: null, limit: 1000 }),
    )
    const [texts, kinds] = answer.fields
    assert.equal(texts!.complete, false)
    assert.equal(kinds!.complete, true)
    assert.equal(answer.exact, false)
    assert.deepEqual(
      kinds!.values.map(({ count }) => count),
      [50, 50],
    )
    for (const { value, count } of texts!.values) {
      assert.equal(count, Number.parseInt(String(value), 10) < 10 ? 2 : 1)
    }
  })
})
