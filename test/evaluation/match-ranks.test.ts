import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BLOCK_ROWS, fillBlock, squaredDistances } from '../../src/evaluation/distance-block.ts'
import { rankMatches } from '../../src/evaluation/match-ranks.ts'
import { measuresOf } from '../../src/evaluation/rank-measures.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { packRows, rowOf } from '../../src/vector/row-matrix.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { failsWith } from '../support/errors.ts'
import { naiveMeasures, naiveRelevance } from '../support/naive-ranking.ts'
import { HARD_SETS } from '../support/random-vectors.ts'

for (const [name, make] of Object.entries(HARD_SETS)) {
  test(`distances of a block are the canonical ones, bit for bit: ${name}`, () => {
    for (const count of [1, 2, 7]) {
      const seed = 10 + count
      const vectors = make(seededRandom(seed), count, 13)
      const rows = packRows(vectors, 13)
      const asked = Array.from({ length: Math.min(count, BLOCK_ROWS) }, (_, i) => count - 1 - i)
      const block = new Float64Array(BLOCK_ROWS * 13)
      const out = new Float64Array(BLOCK_ROWS * count)
      fillBlock(block, rows, asked)
      squaredDistances(block, rows, out)
      for (const [lane, query] of asked.entries()) {
        for (let row = 0; row < count; row++) {
          const expected = squaredEuclidean(vectors[query]!, vectors[row]!)
          assert.equal(out[lane * count + row], expected, `seed ${seed}, ${query} to ${row}`)
        }
      }
    }
  })

  test(`counted ranks give the measures of a full sort, ties by row: ${name}`, () => {
    for (const [seed, count] of [1, 5, 30, 61].entries()) {
      const random = seededRandom(seed)
      const vectors = packRows(make(random, count, 6), 6)
      const classes = Int32Array.from({ length: count }, () => Math.floor(random() * 5))
      const rows = { vectors, classes }
      let visited = 0
      rankMatches(
        { queries: rows, gallery: rows, leftOut: (query, row) => query === row },
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

test('a match that ties with a stranger comes first only when its row does', () => {
  const vectors = packRows(
    [0, 1, 1, 1].map((x) => Float32Array.of(x)),
    1,
  )
  const ranksOf = (classes: readonly number[]) => {
    const found: number[][] = []
    const rows = { vectors, classes: Int32Array.from(classes) }
    const leftOut = (query: number, row: number) => query === row
    rankMatches({ queries: rows, gallery: rows, leftOut }, (_, ranks) => found.push([...ranks]))
    return found[0]
  }
  assert.deepEqual(ranksOf([0, 0, 1, 1]), [1])
  assert.deepEqual(ranksOf([0, 1, 0, 1]), [2])
  assert.deepEqual(ranksOf([0, 1, 1, 0]), [3])
  assert.deepEqual(ranksOf([0, 0, 1, 0]), [1, 3])
})

test('queries of other dimensions than the gallery are refused', () => {
  const rows = (dimensions: number) => ({
    vectors: packRows([new Float32Array(dimensions)], dimensions),
    classes: Int32Array.of(0),
  })
  const task = { queries: rows(2), gallery: rows(3), leftOut: () => false }
  assert.throws(
    () => rankMatches(task, () => undefined),
    failsWith('DIMENSION_MISMATCH', "gallery's 3 dimensions, got 2"),
  )
})

test('vectors of another length or with NaN are not packed', () => {
  const bad = Float32Array.of(1, Number.NaN)
  assert.throws(() => packRows([Float32Array.of(1)], 2), failsWith('DIMENSION_MISMATCH', /row 0/))
  assert.throws(() => packRows([bad], 2), failsWith('INVALID_VECTOR', 'NaN at position 1 of row 0'))
})
