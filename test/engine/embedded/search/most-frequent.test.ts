import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mostFrequent } from '../../../../src/engine/embedded/search/most-frequent.ts'
import { compareIdentities } from '../../../../src/engine/identity-value.ts'
import { seededRandom } from '../../../../src/vector/random.ts'

const SEED = 5

for (const different of [1, 3, 5000]) {
  for (const most of [1, 10, 1000, 6000]) {
    test(`the first ${most} of values with ${different} counts are those of a plain sort`, async () => {
      const random = seededRandom(SEED)
      const values = Array.from({ length: 5000 }, (_, i) => (i % 3 ? `v${random()}` : random()))
      const counts = values.map(() => Math.floor(random() * different))
      const wanted = [...values.keys()]
        .sort((a, b) => counts[b]! - counts[a]! || compareIdentities(values[a]!, values[b]!))
        .slice(0, most)
      const numbers = [...values.keys()]
      assert.deepEqual(await mostFrequent(numbers, counts, values, most), wanted, `seed ${SEED}`)
    })
  }
}

test('names in the worst order hold up nobody, and a stop ends it', async () => {
  const values = Array.from({ length: 65_536 }, (_, i) => `v${String(99_999 - i)}`)
  const counts = new Uint32Array(values.length).fill(1)
  const gone = new AbortController()
  const found = mostFrequent([...values.keys()], counts, values, 1000, gone.signal)
  setTimeout(() => gone.abort(new Error('gone')), 1)
  await assert.rejects(found, /gone/)
})
