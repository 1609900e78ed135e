import assert from 'node:assert/strict'
import { test } from 'node:test'
import { combinedHits } from '../../../../src/engine/embedded/search/combined.ts'
import { parseFilter } from '../../../../src/engine/filter.ts'
import { NEAREST_IDS } from '../../../../src/engine/query.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { openGeneration } from '../../../support/open-generation.ts'
import { HARD_SETS } from '../../../support/random-vectors.ts'

const DIMENSIONS = 64
const SEED = 31

test('a record that is written before the filter is answered is found, whatever an earlier combined search found', async () => {
  const { generation, close } = openGeneration(DIMENSIONS)
  try {
    const vectors = HARD_SETS.clustered!(seededRandom(SEED), 3000, DIMENSIONS)
    for (const [i, vector] of vectors.entries()) {
      await generation.reserve(1)
      generation.put({ key: i + 1, id: `r${i}`, vector, replacedKey: null })
    }
    await generation.coded()
    const vector = vectors[0]!
    generation.delete([1000])
    const query = { ...NEAREST_IDS, vector, filter: parseFilter({ a: 1 }), k: 5, limit: 5 }
    const combined = { parts: [{ by: 'embedding', vector, weight: 1 }], combine: 'sum' } as const
    const search = (matching: () => Promise<Float64Array>) => {
      const { index } = generation.parts
      const searched = { spec: { metric: 'euclidean' }, rows: generation, index } as const
      return combinedHits({ ...searched, records: { matching } }, query, combined, 5)
    }
    const keys = Float64Array.from({ length: 998 }, (_, i) => i + 2)
    const earlier = await search(async () => keys)
    const { hits } = await search(async () => {
      // In the row of the record that was deleted.
      generation.put({ key: 9000, id: 'new', vector, replacedKey: null })
      return Float64Array.of(...keys, 9000)
    })
    assert.deepEqual(
      hits.map(({ id }) => id),
      ['new', ...earlier.hits.slice(0, 4).map(({ id }) => id)],
      `seed ${SEED}`,
    )
  } finally {
    await close()
  }
})
