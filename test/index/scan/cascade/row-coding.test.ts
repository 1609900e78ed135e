import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RowCoder, writeCodes } from '../../../../src/index/scan/cascade/coded-rows.ts'
import { RowCoding } from '../../../../src/index/scan/cascade/row-coding.ts'
import { learnTransform } from '../../../../src/index/scan/cascade/transform.ts'
import { RowSearch } from '../../../../src/index/scan/row-search.ts'
import { RowSource } from '../../../../src/index/scan/row-source.ts'
import { BlockMemory } from '../../../../src/kernels/block-memory.ts'
import { Projector } from '../../../../src/kernels/projector.ts'
import { VectorRows } from '../../../../src/kernels/vector-rows.ts'
import { hasBit } from '../../../../src/vector/bitset.ts'
import { gaussian, type Random, seededRandom } from '../../../../src/vector/random.ts'
import { squaredEuclidean } from '../../../../src/vector/squared-euclidean.ts'
import { filledRows } from '../../../support/coded-rows.ts'
import { SCAN_MODULE } from '../../../support/kernels.ts'
import { gaussianVectors, HARD_SETS, sampleOf } from '../../../support/random-vectors.ts'

const DIMENSIONS = 32
const none = () => 0

/** Codes here and now; `between` runs after the rows were coded and before anybody hears of it. */
function coderOf(memory: BlockMemory, between: () => void): RowCoder {
  const source = new RowSource(memory.segments, null)
  const projector = new Projector(SCAN_MODULE)
  return {
    async learn(view, sample, now) {
      const vectors = sampleOf([...sample].map((row) => source.vector(view, row)))
      return learnTransform(vectors, view.layout.dimensions, seededRandom(1), now)
    },
    async write(view, target, wanted) {
      assert.ok(target, 'these rows have no file')
      const coded = writeCodes(memory.segments, projector, source, view, target, wanted)
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
  const coder = coderOf(memory, () => {
    if (!first) return
    first = false
    coding.willWrite(7)
    rows.write(7, vectors[8]!)
  })
  const coding = new RowCoding(memory, coder, DIMENSIONS)
  const isCoded = (row: number) =>
    (new Uint32Array(coding.view()!.coded)[row >>> 5]! >>> (row & 31)) & 1
  await coding.advance(rows.view(), none)
  await coding.advance(rows.view(), none)
  assert.deepEqual([6, 7, 8].map(isCoded), [1, 0, 1])
  while (coding.pending(rows.count)) await coding.advance(rows.view(), none)
  assert.deepEqual([6, 7, 8, 2999].map(isCoded), [1, 1, 1, 1])
})

test('rows that could not be coded are coded later', async () => {
  const memory = new BlockMemory()
  const rows = filledRows(memory, HARD_SETS.clustered!(seededRandom(2), 2600, DIMENSIONS))
  let failing = false
  const coder = coderOf(memory, () => {
    if (failing) throw new Error('the thread has ended')
  })
  const coding = new RowCoding(memory, coder, DIMENSIONS)
  await coding.advance(rows.view(), none)
  await coding.advance(rows.view(), none)
  failing = true
  await assert.rejects(coding.advance(rows.view(), none), /has ended/)
  failing = false
  while (coding.pending(rows.count)) await coding.advance(rows.view(), none)
  const coded = new Uint32Array(coding.view()!.coded)
  for (let row = 0; row < rows.count; row++) assert.ok(hasBit(coded, row), `row ${row}`)
})

/** Vectors near a subspace of a few dimensions. */
function inSubspace(random: Random, count: number, dimensions: number): Float32Array[] {
  const axes = gaussianVectors(random, 25, dimensions)
  return Array.from({ length: count }, () => {
    const weights = axes.map(() => gaussian(random))
    return new Float32Array(dimensions).map((_, i) =>
      axes.reduce((sum, axis, a) => sum + weights[a]! * axis[i]!, 0.01 * gaussian(random)),
    )
  })
}

test('the prefix level is learnt again when the rows drift, and every answer is exact meanwhile', async () => {
  const seed = 60
  const random = seededRandom(seed)
  const dimensions = 160
  const memory = new BlockMemory()
  const search = new RowSearch(SCAN_MODULE, 2)
  memory.onSegment((segment) => search.addSegment(segment))
  const rows = new VectorRows(memory, dimensions)
  const coding = new RowCoding(memory, coderOf(memory, none), dimensions)
  const vectors = inSubspace(random, 2500, dimensions)
  for (const vector of vectors) rows.append(vector)
  while (coding.pending(rows.count)) await coding.advance(rows.view(), none)
  const before = coding.view()!

  function ask(): number {
    const query = vectors[Math.floor(random() * vectors.length)]!
    const plain = { k: 5, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null }
    const queries = [{ ...plain, vector: query, way: { kind: 'cascade' as const } }]
    const range = { first: 0, end: rows.count }
    const [answer] = search.search(rows.view(), coding.view(), 'euclidean', queries, range)
    const wanted = vectors.map((vector) => Math.sqrt(squaredEuclidean(query, vector))).sort(byValue)
    assert.deepEqual([...answer!.distances].sort(byValue), wanted.slice(0, 5), `seed ${seed}`)
    coding.saw(answer!.levels)
    return answer!.levels.find(({ name }) => name === 'codes')!.candidates
  }
  const byValue = (a: number, b: number) => a - b

  // Another subspace, fewer rows than would be a reason in themselves.
  for (const vector of inSubspace(random, 4000, dimensions)) vectors[rows.append(vector)] = vector
  while (coding.pending(rows.count)) await coding.advance(rows.view(), none)
  assert.ok(coding.view()!.transform === before.transform, 'nobody has searched yet')
  let drifted = 0
  for (let i = 0; i < 40; i++) drifted += ask()
  assert.ok(coding.pending(rows.count))
  for (let go = 0; coding.pending(rows.count); go++) {
    await coding.advance(rows.view(), () => 9)
    const row = Math.floor(random() * rows.count)
    coding.willWrite(row)
    vectors[row] = vectors[(row * 7 + go) % vectors.length]!
    rows.write(row, vectors[row])
    ask()
    if (go > 40) while (coding.pending(rows.count)) await coding.advance(rows.view(), () => 9)
  }
  const after = coding.view()!
  assert.ok(after.transform !== before.transform, 'the level is a new one')
  assert.ok(after.full.blocks === before.full.blocks, 'codes of whole vectors stay')
  let renewed = 0
  for (let i = 0; i < 40; i++) renewed += ask()
  assert.ok(renewed < drifted / 2, `${renewed} of ${drifted} rows came through`)

  const used = memory.usedBytes
  coding.recycle((stamp) => stamp < 9)
  assert.equal(memory.usedBytes, used, 'a search may still read the old codes')
  coding.recycle((stamp) => stamp <= 9)
  assert.ok(memory.usedBytes < used)
  for (let i = 0; i < 10; i++) ask()
  coding.release()
  rows.release()
  assert.equal(memory.usedBytes, 0)
})

test('a prefix level that stops paying is dropped', async () => {
  const random = seededRandom(61)
  const dimensions = 512
  const memory = new BlockMemory()
  const rows = filledRows(memory, HARD_SETS.clustered!(random, 2100, dimensions))
  const coding = new RowCoding(memory, coderOf(memory, none), dimensions)
  while (coding.pending(rows.count)) await coding.advance(rows.view(), none)
  assert.equal(coding.levels, 'prefix')
  for (const vector of gaussianVectors(random, 6300, dimensions)) rows.append(vector)
  for (let row = 0; row < 2100; row++) {
    coding.willWrite(row)
    rows.write(row, gaussianVectors(random, 1, dimensions)[0]!)
  }
  while (coding.pending(rows.count)) await coding.advance(rows.view(), none)
  assert.equal(coding.levels, 'full')
})

test('a search among far more rows than have codes yet finds what a naive scan does', async () => {
  const random = seededRandom(62)
  const memory = new BlockMemory()
  const vectors = HARD_SETS.clustered!(random, 60_000, DIMENSIONS)
  const rows = filledRows(memory, vectors)
  const search = new RowSearch(SCAN_MODULE, 2)
  memory.onSegment((segment) => search.addSegment(segment))
  const coding = new RowCoding(memory, coderOf(memory, none), DIMENSIONS)
  await coding.advance(rows.view(), none)
  for (let go = 0; go < 3; go++) {
    // The view of a search that waited while more rows got their codes.
    const codes = coding.view()
    await coding.advance(rows.view(), none)
    const vector = vectors[300]!
    const wanted = vectors.map((other) => Math.sqrt(squaredEuclidean(vector, other)))
    wanted.sort((a, b) => a - b)
    const way = { kind: 'cascade' as const }
    const query = { vector, k: 9, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null, way }
    const range = { first: 0, end: rows.count }
    const [answer] = search.search(rows.view(), codes, 'euclidean', [query], range)
    assert.deepEqual(
      [...answer!.distances].sort((a, b) => a - b),
      wanted.slice(0, 9),
    )
  }
})
