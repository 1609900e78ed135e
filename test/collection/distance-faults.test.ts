import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enrolled } from '../../src/collection/enrolment.ts'
import type { PinnedGeneration } from '../../src/engine/generation.ts'
import type { EngineQuery } from '../../src/engine/query.ts'
import { sampleRecord, sampleSpec } from '../support/sample-records.ts'

async function searchesFor(limits: object): Promise<readonly EngineQuery[]> {
  const searches: EngineQuery[] = []
  const search = async (query: EngineQuery) => {
    searches.push(query)
    return { matches: [] }
  }
  const generation = { search } as unknown as PinnedGeneration
  const spec = sampleSpec({ quality: { ...limits, otherwise: 'refuse' } })
  const pin = () => ({ generation, release: () => undefined })
  await enrolled(sampleRecord('a', { metadata: { person: 'ann' } }), null, { spec, pin })
  return searches
}

test('a record that is enrolled is searched by once for each limit of distance, for one record alone', async () => {
  const both = await searchesFor({ ownDistance: 1, otherDistance: 1 })
  const counts = [both.length]
  for (const one of [{ ownDistance: 1 }, { otherDistance: 1 }, { minSide: 1 }]) {
    counts.push((await searchesFor(one)).length)
  }
  assert.deepEqual(counts, [2, 1, 1, 0])
  for (const { k, limit, groupBy, filter } of both) {
    assert.deepEqual([k, limit, groupBy, filter !== null], [1, 1, null, true])
  }
})
