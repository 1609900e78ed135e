import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jaccard } from '../../../../src/vector/metric/jaccard.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { SURVEY_STRUCTURES } from '../../../support/survey-structures.ts'

const SEED = 3
/** More than the levels that a tree may have, where no centre tells objects apart. */
const COUNT = 700

for (const [name, make] of SURVEY_STRUCTURES) {
  test(`${name}: objects as far from each other as from everything are built, stored and found`, () => {
    const objects = new Map(Array.from({ length: COUNT }, (_, i) => [i, new Set([i])] as const))
    const index = make<ReadonlySet<number>>(jaccard, seededRandom(SEED))
    index.bulkLoad(objects)
    const copy = make<ReadonlySet<number>>(jaccard, seededRandom(SEED))
    copy.restore(index.serialise(), (id) => ({ id, object: objects.get(id)! }))
    for (const searched of [index, copy]) {
      assert.deepEqual([...searched.nearest(new Set([5]), 1).ids], [5])
      assert.equal(searched.range(new Set([5]), 1).ids.length, COUNT)
    }
  })
}
