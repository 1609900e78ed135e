import assert from 'node:assert/strict'
import { test } from 'node:test'
import { learnTransform } from '../../../src/index/cascade/learn-transform.ts'
import type { RowCoder } from '../../../src/index/cascade/row-coder.ts'
import { RowCoding } from '../../../src/index/cascade/row-coding.ts'
import { writeCodes } from '../../../src/index/cascade/write-codes.ts'
import { RowSource } from '../../../src/index/row-source.ts'
import { BlockMemory } from '../../../src/kernels/block-memory.ts'
import type { VectorRows } from '../../../src/kernels/vector-rows.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { filledRows } from '../../support/coded-rows.ts'
import { HARD_SETS } from '../../support/random-vectors.ts'

const DIMENSIONS = 32

/** Codes here and now; `between` runs after the rows were coded and before anybody hears of it. */
function coderOf(memory: BlockMemory, rows: VectorRows, between: () => void): RowCoder {
  return {
    async learn(_, sample) {
      const vectors = Float32Array.from([...sample].flatMap((row) => [...rows.read(row)]))
      return learnTransform(vectors, DIMENSIONS, seededRandom(1))
    },
    async write(view, target, wanted) {
      const coded = writeCodes(
        memory.segments,
        new RowSource(memory.segments, null),
        view,
        target,
        wanted,
      )
      between()
      return coded
    },
  }
}

test('a row that is written while it is coded has no codes until its turn comes again', async () => {
  const memory = new BlockMemory()
  const vectors = HARD_SETS.clustered!(seededRandom(1), 3000, DIMENSIONS)
  const rows = filledRows(memory, vectors)
  let first = true
  const coder = coderOf(memory, rows, () => {
    if (!first) return
    first = false
    coding.willWrite(7)
    rows.write(7, vectors[8]!)
  })
  const coding = new RowCoding(memory, coder, DIMENSIONS)
  const isCoded = (row: number) =>
    (new Uint32Array(coding.view()!.coded)[row >>> 5]! >>> (row & 31)) & 1
  await coding.advance(rows.view())
  await coding.advance(rows.view())
  assert.deepEqual([6, 7, 8].map(isCoded), [1, 0, 1])
  while (coding.pending(rows.count)) await coding.advance(rows.view())
  assert.deepEqual([6, 7, 8, 2999].map(isCoded), [1, 1, 1, 1])
})
