import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statistics } from '../../../src/engine/embedded/statistics.ts'
import type { EngineQuery } from '../../../src/engine/query.ts'
import { drawIndices, type Random } from '../../../src/vector/random.ts'
import { sampleSpec } from '../../support/sample-records.ts'

const ASKED = { radius: null, count: null, seed: 1 }

/** Points on a line, of which each is searched for in turns of the loop. */
function line(records: number) {
  const searches: EngineQuery[] = []
  const spec = sampleSpec({ dimensions: 1 })
  return {
    searches,
    generation: {
      spec,
      rows: {
        count: records,
        async sample(wanted: number, random: Random) {
          return drawIndices(records, wanted, random).map((i) => {
            return { id: `r${i}`, vector: Float32Array.of(i) }
          })
        },
      },
      async search(query: EngineQuery, signal?: AbortSignal) {
        signal?.throwIfAborted()
        searches.push(query)
        await new Promise(setImmediate)
        const matches = Array.from({ length: query.k ?? 10 }, (_, i) => {
          return { id: `n${i}`, distance: i + 1 }
        })
        const cost = { levels: [], distances: 0, predictedMs: 0, measuredMs: 0 }
        const explain = { plan: 'scan', ...cost }
        return { matches, exact: true, complete: true, cursor: null, explain }
      },
    },
  }
}

test('nothing more is searched for once nobody waits for the statistics', async () => {
  const { generation, searches } = line(5000)
  const caller = new AbortController()
  const answer = statistics(ASKED, generation, caller.signal)
  while (searches.length < 20) await new Promise(setImmediate)
  caller.abort(new Error('gone'))
  await assert.rejects(answer, /gone/)
  assert.ok(searches.length < 50, `${searches.length} searches`)
})

test('a sample has as many records as allowed, and searches for a fifth of them', async () => {
  for (const [records, queries] of [
    [5, 1],
    [50, 10],
    [320, 64],
    [1000, 200],
  ] as const) {
    const { generation, searches } = line(5000)
    const { sample } = await statistics({ ...ASKED, records }, generation)
    assert.deepEqual([sample.records, sample.queries], [records, queries])
    // Once exactly, and once by the graph.
    assert.equal(searches.length, 2 * queries)
  }
  const { generation } = line(5000)
  assert.equal((await statistics(ASKED, generation)).sample.records, 320)
})
