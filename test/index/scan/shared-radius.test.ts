import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedRadius } from '../../../src/index/scan/shared-radius.ts'
import { sharedSearch } from '../../../src/index/scan/shared-search.ts'
import { seededRandom } from '../../../src/vector/random.ts'

test('the bound of all parts is the k-th distance that they have added, rounded up to float32', () => {
  for (const [k, most] of [
    [1, 1],
    [5, 9],
  ] as const) {
    const seed = 40 + k
    const random = seededRandom(seed)
    const radii = sharedSearch(2, { parts: 3, k: most, chunk: null })
    const parts = [0, 1, 2].map((part) => new SharedRadius(radii, 1, part, k))
    const added: number[] = []
    for (let i = 0; i < 200; i++) {
      const distance = 100 * random() ** 4
      const [part, reader] = [parts[i % 2]!, parts[Math.floor(random() * 3)]!]
      added.push(distance)
      part.add(distance)
      const kth = added.sort((a, b) => a - b)[k - 1] ?? Number.POSITIVE_INFINITY
      const { bound } = reader
      const what = `seed ${seed}, ${i + 1} distances, k ${k}: ${bound} for ${kth}`
      assert.ok(bound >= kth, what)
      assert.ok(kth === Number.POSITIVE_INFINITY ? bound === kth : bound <= kth * 1.0000002, what)
    }
    const other = new SharedRadius(radii, 0, 0, most)
    assert.equal(other.bound, Number.POSITIVE_INFINITY, 'another query has its own')
  }
})

test('a part leaves out what only another part rules out', () => {
  const radii = sharedSearch(1, { parts: 2, k: 2, chunk: null })
  const [one, two] = [new SharedRadius(radii, 0, 0, 2), new SharedRadius(radii, 0, 1, 2)]
  one.add(1)
  assert.equal(two.bound, Number.POSITIVE_INFINITY)
  two.add(3)
  assert.equal(one.bound, 3)
  one.add(2)
  assert.equal(two.bound, 2)
})
