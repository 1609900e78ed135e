import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../src/vector/random.ts'
import { packRows } from '../../src/vector/row-matrix.ts'
import { BLOCK_ROWS, DistanceBlock, squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { HARD_SETS } from '../support/random-vectors.ts'

for (const [name, make] of Object.entries(HARD_SETS)) {
  test(`distances of a block are the canonical ones, bit for bit: ${name}`, () => {
    for (const count of [1, 2, 7]) {
      const seed = 10 + count
      const vectors = make(seededRandom(seed), count, 13)
      const rows = packRows(vectors, 13)
      const queries = Array.from({ length: Math.min(count, BLOCK_ROWS) }, (_, i) => count - 1 - i)
      const out = new Float64Array(BLOCK_ROWS * count)
      new DistanceBlock(rows).measure(queries, rows, out)
      for (const [lane, query] of queries.entries()) {
        for (let row = 0; row < count; row++) {
          const expected = squaredEuclidean(vectors[query]!, vectors[row]!)
          assert.equal(out[lane * count + row], expected, `seed ${seed}, ${query} to ${row}`)
        }
      }
    }
  })
}
