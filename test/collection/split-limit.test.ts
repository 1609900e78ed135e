import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CurationView } from '../../src/collection/identities/curation-plan.ts'
import { Differences } from '../../src/collection/identities/differences.ts'
import { planSplit } from '../../src/collection/identities/plan-records.ts'
import type { EngineCollection } from '../../src/engine/engine.ts'
import { failsWith } from '../support/errors.ts'
import { sampleSpec } from '../support/sample-records.ts'

test('a split that would make one more pair that differs than a collection may have is refused', async () => {
  const identities = {
    find: async (identity: string) =>
      identity === 'ann' ? { identity, records: 3, metadata: {} } : null,
    valuesOf: async () => [{ value: 'ann' }],
  }
  const engine = { spec: sampleSpec(), identities } as unknown as EngineCollection
  const split = (pairs: number) => {
    const all = Array.from({ length: pairs }, (_, i) => [-1, i] as const)
    const view = new CurationView(engine, new Differences(all))
    return planSplit({ identity: 'ann', ids: ['a'], to: 'bob' }, view)
  }
  assert.equal((await split(99_999)).effects.length, 2)
  await assert.rejects(split(100_000), failsWith('IDENTITY_TOO_LARGE'))
})
