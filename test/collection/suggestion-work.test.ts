import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KnownCalibration } from '../../src/collection/identities/calibration.ts'
import { Differences } from '../../src/collection/identities/differences.ts'
import { suggestions } from '../../src/collection/identities/suggestions.ts'
import type { EngineCollection } from '../../src/engine/engine.ts'
import type { PinnedGeneration } from '../../src/engine/generation.ts'
import type { IdentityValue } from '../../src/engine/identity-value.ts'
import type { EngineQuery } from '../../src/engine/query.ts'
import { sampleSpec } from '../support/sample-records.ts'

const OTHERS = 100
const EACH = 200

const calibration = {
  kind: 'valid',
  calibration: {
    calibratedAt: '2026-01-01T00:00:00.000Z',
    distances: { nearest: { probability: [{ upTo: 1, probability: 0.9 }] } },
  },
} as unknown as KnownCalibration

/** One of one record, to which 100 others of 200 records each are near: the first is the nearest. */
function crowd() {
  const names = ['a', ...Array.from({ length: OTHERS }, (_, i) => `b${String(i).padStart(3, '0')}`)]
  const idsOf = (identity: IdentityValue) =>
    identity === 'a' ? ['a'] : Array.from({ length: EACH }, (_, i) => `${identity}/${i}`)
  const read: string[] = []
  const near = names.slice(1).map((group, i) => ({ group, id: `${group}/0`, distance: i / 1000 }))
  const identities = {
    page: async ({ after, limit }: { after: string | null; limit: number }) => {
      const left = names.filter((name) => after === null || name > after).slice(0, limit)
      const found = left.map((identity) => {
        return { identity, records: identity === 'a' ? 1 : 0, metadata: {} }
      })
      return { identities: found, total: names.length }
    },
    members: async (identity: IdentityValue, most: number) => idsOf(identity).slice(0, most),
  }
  const generation = {
    generation: 1,
    spec: sampleSpec(),
    vector: async (id: string) => {
      read.push(id)
      return Float32Array.from([0, 0, 0, 0])
    },
    search: async ({ without }: EngineQuery) => ({ matches: without[0] === 'a' ? near : [] }),
  }
  const parts = {
    engine: { identities } as unknown as Pick<EngineCollection, 'identities'>,
    generation: generation as unknown as PinnedGeneration,
    calibration,
    differences: new Differences([['a', 'b001']]),
  }
  const ask = (neighbourhoods: number, cursor: string | null = null) => {
    const cost = { neighbourhoods, ms: Number.POSITIVE_INFINITY, clock: () => 0 }
    return suggestions({ least: 0.5, limit: 1000, cursor }, { ...parts, cost })
  }
  return { ask, read, near }
}

test('an identity is compared with the 64 that are nearest and may be it, by 32 records of each', async () => {
  const { ask, read, near } = crowd()
  const { merges, complete } = await ask(1000)
  const wanted = near.map(({ group }) => group).filter((group) => group !== 'b001')
  assert.ok(complete)
  assert.deepEqual(new Set(merges.map(({ b }) => b)), new Set(wanted.slice(0, 64)))
  assert.equal(read.length, 1 + 64 * 32)
})

test('a page ends between two comparisons where its work is done, and the next goes on there', async () => {
  for (const neighbourhoods of [1, 10]) {
    const { ask } = crowd()
    const found: IdentityValue[] = []
    const sizes: number[] = []
    for (let cursor: string | null = null; ; ) {
      const page = await ask(neighbourhoods, cursor)
      found.push(...page.merges.map(({ b }) => b))
      sizes.push(page.merges.length)
      cursor = page.cursor
      if (cursor === null) break
    }
    // The search for those near counts, too.
    assert.equal(sizes[0], Math.max(1, neighbourhoods - 1))
    assert.deepEqual([found.length, new Set(found).size], [64, 64])
  }
})
