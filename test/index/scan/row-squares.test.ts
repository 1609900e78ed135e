import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RowSquares } from '../../../src/index/scan/row-squares.ts'
import { BlockMemory, blockAddress } from '../../../src/kernels/block-memory.ts'
import { VectorRows } from '../../../src/kernels/vector-rows.ts'
import { drawIndices, seededRandom } from '../../../src/vector/random.ts'
import { squaredEuclidean } from '../../../src/vector/squared-euclidean.ts'
import { SCAN_MODULE } from '../../support/kernels.ts'
import { gaussianVectors } from '../../support/random-vectors.ts'

const SEED = 21

function check(memory: BlockMemory, dimensions: number, count: number, listed: number): void {
  const random = seededRandom(SEED)
  const vectors = gaussianVectors(random, count, dimensions)
  const rows = new VectorRows(memory, dimensions)
  for (const vector of vectors) rows.append(vector)
  const [query] = gaussianVectors(random, 1, dimensions)
  // In no order, so that rows of all blocks are mixed.
  const list = [...drawIndices(count, listed, random)].sort(() => random() - 0.5)
  const squares = new RowSquares(memory, SCAN_MODULE).of(query!, rows.view(), list)
  const wanted = Float64Array.from(list, (row) => squaredEuclidean(query!, vectors[row]!))
  assert.deepEqual(squares, wanted, `seed ${SEED}, ${listed} of ${count} x ${dimensions}`)
}

test('distances of listed rows have the bits of the canonical distance, whatever the dimension and how many they are', () => {
  for (const dimensions of [1, 3, 64, 513]) {
    for (const listed of [0, 1, 2, 3, 4, 5, 11]) check(new BlockMemory(), dimensions, 2000, listed)
  }
  check(new BlockMemory(), 5, 20_000, 10_000)
})

test('rows of a collection that lies in two segments are found in both', () => {
  const memory = new BlockMemory()
  // All but one block of the first segment; pages that nobody touches cost nothing.
  let last = memory.allocate()
  while (blockAddress(last + 2).segment === 0) last = memory.allocate()
  check(memory, 512, 400, 50)
})
