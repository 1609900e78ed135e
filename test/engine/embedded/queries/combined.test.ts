import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareIds } from '../../../../src/engine/collection-spec.ts'
import { compileFilter, parseFilter } from '../../../../src/engine/filter.ts'
import {
  COMBINATIONS,
  type CombinedQuery,
  type EngineQuery,
  NEAREST_IDS,
} from '../../../../src/engine/query.ts'
import type { NewRecord } from '../../../../src/engine/record.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import type { SpaceKind } from '../../../../src/vector/space.ts'
import { withEngine } from '../../../support/open-engine.ts'
import {
  distanceOf,
  putAll,
  QUERY_SETS,
  queryRecords,
  withPinned,
} from '../../../support/query-records.ts'
import { SAMPLE_IMAGE, sampleSpec } from '../../../support/sample-records.ts'
import { startWriter } from '../../../support/writer.ts'

const RECORDS = 1200
const DIMENSIONS = 24
const SEED = 12
const FILTERS = [null, parseFilter({ colour: 'red' }), parseFilter({ n: { $lt: 5 } })]

/** The records, two of three with one of few fingerprints. */
function withFingerprints(records: Map<string, NewRecord>): Map<string, NewRecord> {
  const random = seededRandom(SEED)
  const some = Array.from({ length: 40 }, () =>
    Array.from({ length: 16 }, () => '0123456789abcdef'[Math.floor(16 * random())]).join(''),
  )
  const changed = [...records.values()].map((record, i) => {
    const fingerprint = some[Math.floor(random() * some.length)]!
    return i % 3 === 0 ? record : { ...record, image: { ...SAMPLE_IMAGE, fingerprint } }
  })
  return new Map(changed.map((record) => [record.id, record]))
}

function differentBits(a: NewRecord, b: NewRecord): number {
  const [one, other] = [a.image?.fingerprint, b.image?.fingerprint]
  if (!one || !other) return Number.POSITIVE_INFINITY
  return (BigInt(`0x${one}`) ^ BigInt(`0x${other}`)).toString(2).replaceAll('0', '').length
}

function naive(
  records: ReadonlyMap<string, NewRecord>,
  all: readonly NewRecord[],
  metric: SpaceKind,
  { filter, without, radius, k, combined }: EngineQuery & { readonly combined: CombinedQuery },
): { id: string; distance: number }[] {
  const meets = filter === null ? () => true : compileFilter(filter)
  const { parts, combine } = combined
  return all
    .filter(({ id, metadata }) => !without.includes(id) && meets(metadata))
    .map((record) => {
      const weighted = parts.map((part) => {
        const distance =
          part.by === 'embedding'
            ? distanceOf(metric, part.vector, record.vector)
            : differentBits(records.get(part.id)!, record)
        return part.weight * distance
      })
      const sum = weighted.reduce((a, b) => a + b)
      const distance = { sum, max: Math.max(...weighted), min: Math.min(...weighted) }[combine]
      return { id: record.id, distance }
    })
    .filter(({ distance }) => distance <= (radius ?? Number.MAX_VALUE))
    .sort((a, b) => a.distance - b.distance || compareIds(a.id, b.id))
    .slice(0, k ?? undefined)
}

for (const metric of ['euclidean', 'cosine'] as const) {
  for (const set of QUERY_SETS) {
    test(`${set}, ${metric}: combined distances are those of a loop over all records`, async () => {
      await withEngine(async (engine) => {
        const random = seededRandom(SEED)
        const spec = sampleSpec({ dimensions: DIMENSIONS, metric })
        const { collection } = await engine.create(spec)
        const records = withFingerprints(queryRecords(set, metric, RECORDS, DIMENSIONS, SEED))
        await putAll(collection, records)
        for (const deletes of [0, 200]) {
          const doomed = [...records.keys()].filter((_, i) => i % 5 === 1).slice(0, deletes)
          await collection.delete({ ids: doomed })
          for (const id of doomed) records.delete(id)
          const all = [...records.values()]
          const withPrint = all.filter(({ image }) => image !== null)
          const draw = (from: readonly NewRecord[]) => from[Math.floor(random() * from.length)]!
          await withPinned(collection, async (generation) => {
            for (const filter of FILTERS) {
              for (const combine of COMBINATIONS) {
                const [a, b, c] = [draw(all), draw(all), draw(withPrint)]
                const twoVectors = [
                  { by: 'embedding', vector: a.vector, weight: 1 },
                  { by: 'embedding', vector: b.vector, weight: 0.7 },
                ] as const
                const both = [
                  { by: 'embedding', vector: a.vector, weight: 1 },
                  { by: 'fingerprint', id: c.id, weight: 1 / 64 },
                ] as const
                for (const parts of [twoVectors, both]) {
                  const combined = { parts, combine }
                  const base = { ...NEAREST_IDS, vector: a.vector, filter, limit: 10_000 }
                  const query = { ...base, combined, without: [a.id], k: 10 }
                  const order = naive(records, all, metric, { ...query, k: null })
                  const found = await generation.search(query)
                  const what = `seed ${SEED}, ${a.id} ${b.id} ${c.id}, ${combine}`
                  assert.deepEqual(found.matches, order.slice(0, 10), what)
                  if (order.length < 50) continue
                  const edge = order[45]!.distance
                  for (const radius of [edge, edge * (1 + 2 ** -52), edge * (1 - 2 ** -53)]) {
                    const within = order.filter(({ distance }) => distance <= radius)
                    const wide = await generation.search({ ...query, k: null, radius })
                    assert.deepEqual(wide.matches, within, what)
                    const few = await generation.search({ ...query, k: 20, radius })
                    assert.deepEqual(few.matches, within.slice(0, 20), what)
                  }
                }
              }
            }
          })
        }
      })
    })
  }

  test(`${metric}: combined distances beside a writer are of one moment`, async () => {
    await withEngine(async (engine) => {
      const random = seededRandom(SEED)
      const { collection } = await engine.create(sampleSpec({ dimensions: DIMENSIONS, metric }))
      const made = queryRecords('clustered', metric, RECORDS, DIMENSIONS, SEED)
      const records = withFingerprints(made)
      await putAll(collection, records)
      const all = [...records.values()]
      const moving = all.slice(0, 3)
      const writer = startWriter(collection, all.slice(3, 300), moving)
      const fixed = all.slice(300).filter(({ image }) => image !== null)
      for (let q = 0; q < 20; q++) {
        const [a, b] = [all[Math.floor(random() * all.length)]!, fixed[q]!]
        const filter = q % 2 === 0 ? null : parseFilter({ n: { $gte: 0 } })
        const parts = [
          { by: 'embedding', vector: a.vector, weight: 1 },
          { by: 'fingerprint', id: b.id, weight: 0.01 },
        ] as const
        const combined = { parts, combine: COMBINATIONS[q % 3]! }
        const query = { ...NEAREST_IDS, vector: a.vector, filter, k: 30, limit: 30, combined }
        const possible = [null, ...moving].map((gone) => {
          return naive(
            records,
            all.filter((one) => one !== gone),
            metric,
            query,
          )
        })
        const { matches } = await withPinned(collection, (generation) => generation.search(query))
        const isOne = possible.some((one) => JSON.stringify(one) === JSON.stringify(matches))
        assert.ok(isOne, `query ${q}: ${JSON.stringify(matches)}`)
      }
      await writer.stop()
      assert.ok(writer.writes > 9, `${writer.writes} writes`)
    })
  })
}

test('less than a tenth is read where that is enough', async () => {
  await withEngine(async (engine) => {
    const { collection } = await engine.create(sampleSpec({ dimensions: 3 }))
    const records = queryRecords('random', 'euclidean', 3000, 3, SEED)
    await putAll(collection, records)
    const [a] = records.values()
    const near = a!.vector.map((x) => x + 0.02)
    const parts = [a!.vector, near].map((vector) => {
      return { by: 'embedding', vector, weight: 1 } as const
    })
    for (const combine of COMBINATIONS) {
      const query = { ...NEAREST_IDS, vector: near, k: 10, limit: 10 }
      const { explain } = await withPinned(collection, (generation) =>
        generation.search({ ...query, combined: { parts, combine } }),
      )
      const met = explain.levels.find(({ name }) => name === 'combined')!.candidates
      assert.ok(met < 300, `${combine}: ${met} of 3000`)
      assert.equal(explain.predictedMs, undefined, 'nothing is predicted, rather than 0 ms')
    }
  })
})
