import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unknowns } from '../../src/collection/identities/unknowns.ts'
import { walkGroups } from '../../src/collection/neighbour-groups.ts'
import type { EngineCollection } from '../../src/engine/engine.ts'
import { compileFilter } from '../../src/engine/filter.ts'
import type { PinnedGeneration } from '../../src/engine/generation.ts'
import type { EngineQuery } from '../../src/engine/query.ts'
import { sampleSpec } from '../support/sample-records.ts'

/** Records that are all near to each other: many named, and one in `every` without a name. */
function crowd(records: number, every: number) {
  const all = Array.from({ length: records }, (_, i) => {
    const metadata = i % every === every - 1 ? {} : { person: `p${i}` }
    return { id: `r${String(i).padStart(5, '0')}`, metadata, distance: 0 }
  })
  const nameless = all.filter(({ metadata }) => metadata.person === undefined)
  const searches: EngineQuery[] = []
  const generation = {
    generation: 1,
    spec: sampleSpec(),
    vector: async () => new Float32Array(4),
    search: async (query: EngineQuery) => {
      searches.push(query)
      const { filter, cursor, limit } = query
      const meets = filter === null ? () => true : compileFilter(filter)
      const found = all.filter(({ metadata }) => meets(metadata))
      const [from, to] = [Number(cursor ?? 0), Number(cursor ?? 0) + limit]
      const next = to < found.length ? String(to) : null
      return { matches: found.slice(from, to), cursor: next }
    },
  }
  const ask = (neighbourhoods: number) => {
    const scroll = async ({ after, limit }: { after: string | null; limit: number }) =>
      nameless.filter(({ id }) => after === null || id > after).slice(0, limit)
    const cluster = async ({ values }: { values: Float32Array }) => [
      { rows: Array.from({ length: values.length / 4 }, (_, i) => i), spread: 0 },
    ]
    const parts = {
      records: { scroll },
      generation: generation as unknown as PinnedGeneration,
      measures: { cluster },
      calibration: { kind: 'none' },
      cost: { neighbourhoods, ms: Number.POSITIVE_INFINITY, clock: () => 0 },
    } as unknown as Parameters<typeof unknowns>[1]
    const asked = { radius: 1, filter: null, least: 1, limit: 1000, cursor: null }
    return unknowns(asked, parts)
  }
  return { ask, searches, nameless }
}

test('one without a name among thousands who have one is found by two searches', async () => {
  const { ask, searches, nameless } = crowd(20_000, 20_000)
  const { clusters } = await ask(1000)
  assert.deepEqual(clusters[0]?.ids, [nameless[0]!.id])
  assert.equal(searches.length, 2)
})

test('where half of those near have no name, pages go on without the filter', async () => {
  const { ask, searches, nameless } = crowd(1500, 2)
  const { clusters } = await ask(1000)
  assert.deepEqual(
    clusters[0]?.ids,
    nameless.map(({ id }) => id),
  )
  assert.ok(searches.every(({ filter }) => filter === null))
})

test('each search of a neighbourhood counts', async () => {
  const ids = Array.from({ length: 100 }, (_, i) => `r${String(i).padStart(3, '0')}`)
  const walk = async (pages: number) => {
    const scroll = async ({ after, limit }: { after: string | null; limit: number }) =>
      ids
        .filter((id) => after === null || id > after)
        .slice(0, limit)
        .map((id) => ({ id }))
    const neighbours = async (_: string, again: () => void) => {
      for (let page = 1; page < pages; page++) again()
      return []
    }
    const cost = { neighbourhoods: 90, ms: Number.POSITIVE_INFINITY, clock: () => 0 }
    const options = { neighbours, filter: null, least: 1, limit: 1000, after: null, cost }
    const records = { scroll } as unknown as Pick<EngineCollection, 'scroll'>
    return (await walkGroups(records, options)).groups.length
  }
  // 16 are looked at together.
  assert.deepEqual([await walk(2), await walk(3)], [33, 17])
})
