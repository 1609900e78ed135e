import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestRows, spreadQueries } from '../../src/evaluation/example-queries.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { packRows, rowOf } from '../../src/vector/row-matrix.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'

test('queries are taken in even steps of their scores, of equal ones the first', () => {
  const scores = new Map([9, 8, 7, 6, 5, 4, 3, 2, 1].map((query) => [query, query % 5] as const))
  // By score: 5, 1, 6, 2, 7, 3, 8, 4, 9.
  assert.deepEqual(spreadQueries(scores, 3), [5, 7, 9])
  assert.deepEqual(spreadQueries(scores, 5), [5, 6, 7, 8, 9])
  assert.deepEqual(spreadQueries(scores, 20), [5, 1, 6, 2, 7, 3, 8, 4, 9])
  assert.deepEqual(spreadQueries(scores, 1), [5])
  assert.deepEqual(spreadQueries(new Map(), 3), [])
})

test('the nearest rows are those of all distances sorted, ties by row, the query left out', () => {
  const seed = 5
  const random = seededRandom(seed)
  const drawn = Array.from({ length: 31 }, () =>
    Float32Array.from({ length: 7 }, () => gaussian(random)),
  )
  const rows = packRows([...drawn, drawn[3]!, drawn[3]!], 7)
  const queries = [0, 3, 31, 32]
  for (const [i, found] of nearestRows(rows, queries, 9).entries()) {
    const query = queries[i]!
    const sorted = Array.from({ length: rows.count }, (_, row) => row)
      .filter((row) => row !== query)
      .map((row) => ({
        row,
        distance: Math.sqrt(squaredEuclidean(rowOf(rows, query), rowOf(rows, row))),
      }))
      .sort((a, b) => a.distance - b.distance || a.row - b.row)
    assert.deepEqual(found, sorted.slice(0, 9), `seed ${seed}, query ${query}`)
  }
})
