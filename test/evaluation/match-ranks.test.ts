import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalDistances } from '../../src/evaluation/distances.ts'
import { rankMatches } from '../../src/evaluation/match-ranks.ts'
import { measuresOf } from '../../src/evaluation/rank-measures.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { packRows, type RowMatrix, rowOf } from '../../src/vector/row-matrix.ts'
import { failsWith } from '../support/errors.ts'
import { naiveMeasures, naiveRelevance } from '../support/naive-ranking.ts'
import { HARD_SETS } from '../support/random-vectors.ts'

const taskOf = (vectors: RowMatrix, classes: Int32Array) => ({
  distances: canonicalDistances(vectors, vectors),
  queryClasses: classes,
  rowClasses: classes,
})

for (const [name, make] of Object.entries(HARD_SETS)) {
  test(`counted ranks give the measures of a full sort, ties by row: ${name}`, async () => {
    for (const [seed, count] of [1, 5, 30, 61].entries()) {
      const random = seededRandom(seed)
      const vectors = packRows(make(random, count, 6), 6)
      const classes = Int32Array.from({ length: count }, () => Math.floor(random() * 5))
      let visited = 0
      await rankMatches(
        { ...taskOf(vectors, classes), leftOut: (query, row) => query === row },
        (query, ranks) => {
          assert.equal(query, visited++)
          const relevance = naiveRelevance(
            rowOf(vectors, query),
            vectors,
            (row) => classes[row] === classes[query],
            (row) => row === query,
          )
          const expected = relevance.flatMap((relevant, i) => (relevant ? [i + 1] : []))
          assert.deepEqual([...ranks], expected, `seed ${seed}, query ${query}`)
          if (expected.length === 0) return
          assert.deepEqual(measuresOf(ranks), naiveMeasures(relevance), `seed ${seed}`)
        },
      )
      assert.equal(visited, count)
    }
  })
}

test('a match that ties with a stranger comes first only when its row does', async () => {
  const vectors = packRows(
    [0, 1, 1, 1].map((x) => Float32Array.of(x)),
    1,
  )
  const ranksOf = async (classes: readonly number[]) => {
    const found: number[][] = []
    const task = taskOf(vectors, Int32Array.from(classes))
    const leftOut = (query: number, row: number) => query === row
    await rankMatches({ ...task, leftOut }, (_, ranks) => found.push([...ranks]))
    return found[0]
  }
  assert.deepEqual(await ranksOf([0, 0, 1, 1]), [1])
  assert.deepEqual(await ranksOf([0, 1, 0, 1]), [2])
  assert.deepEqual(await ranksOf([0, 1, 1, 0]), [3])
  assert.deepEqual(await ranksOf([0, 0, 1, 0]), [1, 3])
})

test('queries of other dimensions than the gallery are refused, and classes of other rows', async () => {
  const rows = (dimensions: number) => packRows([new Float32Array(dimensions)], dimensions)
  assert.throws(
    () => canonicalDistances(rows(2), rows(3)),
    failsWith('DIMENSION_MISMATCH', "gallery's 3 dimensions, got 2"),
  )
  const task = { ...taskOf(rows(2), Int32Array.of(0, 1)), leftOut: () => false }
  await assert.rejects(
    rankMatches(task, () => undefined),
    /expected 1 classes of queries and 1 of rows, got 2 and 2/,
  )
})
