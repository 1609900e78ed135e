import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareIds } from '../../../../src/engine/collection-spec.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { squaredEuclidean } from '../../../../src/vector/squared-euclidean.ts'
import { EVERYTHING } from '../../../support/generation-under-test.ts'
import { openGeneration } from '../../../support/open-generation.ts'
import { HARD_SETS } from '../../../support/random-vectors.ts'

const RECORDS = 5000
const DIMENSIONS = 32
const SEED = 21

const PLANS = {
  gather: { costs: { prefixed: 1e9, listed: 1e9 }, plan: 'gather' },
  cascade: { costs: { gathered: 1e9, scanned: 1e9 }, plan: 'filtered scan' },
} as const

for (const [name, { costs, plan }] of Object.entries(PLANS)) {
  test(`filters of every selectivity get what a naive scan finds, never less: ${name}`, async () => {
    const random = seededRandom(SEED)
    const { generation, close } = openGeneration(DIMENSIONS, { costs })
    const vectors = HARD_SETS.clustered!(random, RECORDS, DIMENSIONS)
    try {
      for (const [i, vector] of vectors.entries()) {
        generation.put({ key: i + 1, id: `r${i}`, vector, replacedKey: null })
      }
      await generation.coded()
      for (const share of [1, 0.3, 0.1, 0.01, 0.001]) {
        const allowed = vectors.map((_, i) => i).filter(() => random() < share)
        for (const k of [1, 10, 100]) {
          const vector = vectors[Math.floor(random() * RECORDS)]!
          const wanted = allowed
            .map((i) => ({ id: `r${i}`, key: i + 1, vector: vectors[i]! }))
            .map(({ id, key, vector: v }) => {
              return { key, id, distance: Math.sqrt(squaredEuclidean(vector, v)) }
            })
            .sort((a, b) => a.distance - b.distance || compareIds(a.id, b.id))
            .slice(0, k)
          const answer = await generation.search({
            ...EVERYTHING,
            vector,
            k,
            keys: async () => Float64Array.from(allowed, (i) => i + 1),
          })
          assert.equal(answer.plan, plan)
          assert.deepEqual(answer.hits, wanted, `seed ${SEED}, share ${share}, k ${k}`)
          assert.ok(answer.cost.predictedMs > 0)
        }
      }
    } finally {
      await close()
    }
  })
}
