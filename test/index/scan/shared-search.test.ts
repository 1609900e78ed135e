import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeAnswers } from '../../../src/index/scan/nearest.ts'
import { chunkRows, splitRows } from '../../../src/index/scan/row-share.ts'
import { SharedRadius, sharedSearch } from '../../../src/index/scan/shared-search.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import type { SpaceKind } from '../../../src/vector/space.ts'
import { type Levels, searchedRows } from '../../support/coded-rows.ts'
import { describeRowIndex } from '../../support/row-index-contract.ts'

/**
 * In parts, one after the other, each of which knows what those before it have found; in chunks, those before it have
 * taken all the rows.
 */
function describeShared(name: string, levels: Levels, parts: number, inChunks: boolean): void {
  describeRowIndex(name, async (vectors, space: SpaceKind) => {
    const { rows, codes, search } = searchedRows(vectors, levels)
    return {
      index: {
        space,
        dimensions: rows.layout.dimensions,
        async search(query) {
          // Beside a query for more, so that its own places are not all there are.
          const queries = [{ ...query, k: query.k + 5 }, query]
          const chunk = inChunks ? chunkRows(rows.count, parts) : null
          const shared = sharedSearch(queries.length, { parts, k: query.k + 5, chunk })
          const all = { first: 0, end: rows.count }
          const answers = splitRows(rows.count, parts).map((own, part) => {
            const range = inChunks ? all : own
            return search.search(rows.view(), codes, space, queries, range, { part, shared })[1]!
          })
          return mergeAnswers(answers, query.k, query.from)
        },
      },
      close: async () => {},
    }
  })
}

const all = { prefix: true, coded: () => true }
const half = { prefix: false, coded: (row: number) => row % 64 < 37 }
const withoutPrefix = 'half of the rows without codes, no prefix level'

describeShared('parts that share their radius', all, 2, false)
describeShared(`parts that share their radius, ${withoutPrefix}`, half, 3, false)
describeShared('parts that share radius and rows', all, 2, true)
describeShared(`parts that share radius and rows, ${withoutPrefix}`, half, 3, true)

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
