import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RowCount, WithinQuery } from '../../../../src/index/row-index.ts'
import { splitRows } from '../../../../src/index/scan/row-share.ts'
import { countBits, hasBit, setBit, sharedBits } from '../../../../src/vector/bitset.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { distanceFromSquared, type SpaceKind } from '../../../../src/vector/space.ts'
import { squaredEuclidean } from '../../../../src/vector/squared-euclidean.ts'
import { toStoredVector } from '../../../../src/vector/stored-vector.ts'
import { type Levels, searchedRows } from '../../../support/coded-rows.ts'
import { HARD_SETS } from '../../../support/random-vectors.ts'

const ROWS = 400
const EVERY: Levels = { prefix: true, coded: () => true }
const LEVELS: Record<string, Levels | null> = {
  'all levels': EVERY,
  'no prefix level': { prefix: false, coded: () => true },
  'half of the rows without codes': { prefix: true, coded: (row) => row % 2 === 0 },
  'no codes': null,
}

/** Counts in two parts, as two threads would. */
function counted(
  { rows, codes, search }: ReturnType<typeof searchedRows>,
  space: SpaceKind,
  query: WithinQuery,
): Pick<RowCount, 'count'> {
  const parts = splitRows(rows.count, 2).map((range) =>
    search.within(rows.view(), codes, space, query, range),
  )
  return { count: parts.reduce((sum, { count }) => sum + count, 0) }
}

for (const [levels, wanted] of Object.entries(LEVELS)) {
  for (const [set, make] of Object.entries(HARD_SETS)) {
    for (const space of ['euclidean', 'cosine'] as const) {
      test(`${levels}: ${set}, ${space}: counts as many as a loop over all rows does`, () => {
        for (const dimensions of [3, 67]) {
          const seed = 11 * dimensions + set.length
          const random = seededRandom(seed)
          const vectors = make(random, ROWS, dimensions).map((v) =>
            toStoredVector(v.some((x) => x !== 0) ? v : v.fill(1), dimensions, space),
          )
          const searched = searchedRows(vectors, wanted)
          const some = sharedBits(ROWS)
          for (let row = 0; row < ROWS; row++) if (random() < 0.5) setBit(some, row)
          const few = sharedBits(ROWS)
          for (const row of [3, 250]) setBit(few, row)
          for (let q = 0; q < 3; q++) {
            const vector = vectors[Math.floor(random() * ROWS)]!
            const distances = vectors.map((row) =>
              distanceFromSquared(space, squaredEuclidean(vector, row)),
            )
            for (let r = 0; r < 12; r++) {
              const edge = distances[Math.floor(random() * ROWS)]!
              const radius = edge * [1, 1 + 2 ** -52, 1 - 2 ** -53][r % 3]!
              for (const allowed of [null, some, few]) {
                const within = (row: number) =>
                  distances[row]! <= radius && (allowed === null || hasBit(allowed, row))
                const expected = [...vectors.keys()].filter(within)
                const into = sharedBits(ROWS)
                const what = `seed ${seed}, query ${q}, radius ${radius}`
                const query = { vector, radius, allowed }
                assert.equal(counted(searched, space, query).count, expected.length, what)
                assert.equal(counted(searched, space, { ...query, into }).count, expected.length)
                assert.equal(countBits(into), expected.length, what)
                assert.ok(
                  expected.every((row) => hasBit(into, row)),
                  what,
                )
              }
            }
          }
        }
      })
    }
  }
}

test('bounds decide nearly all rows of clustered data without a look at a vector', () => {
  const random = seededRandom(3)
  const vectors = HARD_SETS.clustered!(random, 4000, 256)
  const { rows, codes, search } = searchedRows(vectors, EVERY)
  const distances = vectors.map((row) => Math.sqrt(squaredEuclidean(vectors[0]!, row)))
  const radius = distances.toSorted((a, b) => a - b)[2000]!
  const query = { vector: vectors[0]!, radius, allowed: null }
  const range = { first: 0, end: rows.count }
  const { count, levels } = search.within(rows.view(), codes, 'euclidean', query, range)
  assert.equal(count, distances.filter((distance) => distance <= radius).length)
  const decided = levels.find(({ name }) => name === 'float64')!.candidates
  assert.ok(decided < 400, `${decided} of 4000 rows were decided by their vectors`)
})
