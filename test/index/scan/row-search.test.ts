import assert from 'node:assert/strict'
import { setMaxListeners } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { rowReader, rowWriter } from '../../../src/engine/embedded/row-files/row-access.ts'
import { RowFiles } from '../../../src/engine/embedded/row-files/row-files.ts'
import { SearchThreads } from '../../../src/engine/embedded/search/search-threads.ts'
import type { RowQuery } from '../../../src/index/row-index.ts'
import { mergeAnswers } from '../../../src/index/scan/nearest.ts'
import {
  type ResumableScan,
  ResumableSearches,
} from '../../../src/index/scan/resumable-searches.ts'
import { RowSearch } from '../../../src/index/scan/row-search.ts'
import { type RowsRange, splitRows } from '../../../src/index/scan/row-share.ts'
import { RowSource } from '../../../src/index/scan/row-source.ts'
import { BlockMemory } from '../../../src/kernels/block-memory.ts'
import { bindKernels, kernelBound } from '../../../src/kernels/kernels.ts'
import { StoredRows } from '../../../src/kernels/stored-rows.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import type { SpaceKind } from '../../../src/vector/space.ts'
import { squaredEuclidean } from '../../../src/vector/squared-euclidean.ts'
import { codesOf, filledRows, type Levels, searchedRows } from '../../support/coded-rows.ts'
import { SCAN_MODULE } from '../../support/kernels.ts'
import { gaussianVectors, HARD_SETS } from '../../support/random-vectors.ts'
import { describeRowIndex } from '../../support/row-index-contract.ts'

function describeLevels(name: string, levels: Levels | null, together: number): void {
  describeRowIndex(name, async (vectors, space: SpaceKind) => {
    const { rows, codes, search } = searchedRows(vectors, levels)
    return {
      index: {
        space,
        dimensions: rows.layout.dimensions,
        async search(query) {
          // The query in the company of others, each of which shares the pass.
          const queries = Array.from({ length: together }, (_, i) =>
            i === together - 1 ? query : { ...query, vector: vectors[i] ?? query.vector },
          )
          const range = { first: 0, end: rows.count }
          return search.search(rows.view(), codes, space, queries, range).at(-1)!
        },
      },
      close: async () => {},
    }
  })
}

/** Every query resumes what earlier ones for the same vector have learnt, whatever else they wanted. */
function describeResumed(name: string, levels: Levels, limits: { maxKept: number }): void {
  describeRowIndex(name, async (vectors, space: SpaceKind) => {
    const resumable = new ResumableSearches<ResumableScan>(() => 0, limits)
    const { rows, codes, search } = searchedRows(vectors, levels, resumable)
    return {
      index: {
        space,
        dimensions: rows.layout.dimensions,
        async search(query) {
          // In two parts, as two threads would.
          const parts = splitRows(rows.count, 2).map((range, part) => {
            const named = { ...query, resumableAs: `${part} ${query.vector}` }
            return search.search(rows.view(), codes, space, [named], range)[0]!
          })
          return mergeAnswers(parts, query.k, query.from)
        },
      },
      close: async () => {},
    }
  })
}

/** `settled`: whether a row is in the file only. */
function describeStored(name: string, levels: Levels, settled: (row: number) => boolean): void {
  describeRowIndex(name, async (vectors, space: SpaceKind) => {
    const memory = new BlockMemory()
    const folder = mkdtempSync(join(tmpdir(), 'lookalike-rows-'))
    const files = new RowFiles(folder)
    const dimensions = vectors[0]?.length ?? 3
    const rows = new StoredRows(memory, dimensions, files.open(dimensions))
    for (const vector of vectors) rows.append(vector)
    const search = new RowSearch(SCAN_MODULE, 3, rowReader())
    memory.onSegment((segment) => search.addSegment(segment))
    const codes = codesOf(memory, rows, vectors, levels)
    const list = Uint32Array.from(vectors.keys()).filter(settled)
    rowWriter(new RowSource(memory.segments, null))(rows.view(), list)
    rows.settle(list, 0)
    rows.recycle(() => true)
    return {
      index: {
        space,
        dimensions,
        async search(query) {
          const range = { first: 0, end: rows.count }
          return search.search(rows.view(), codes, space, [query], range)[0]!
        },
      },
      async close() {
        files.close()
        rmSync(folder, { recursive: true })
      },
    }
  })
}

const every = () => true
describeResumed('a search that is resumed', { prefix: true, coded: every }, { maxKept: 8 })
describeResumed(
  'a search that is resumed among rows without codes, and is sometimes forgotten',
  { prefix: true, coded: (row) => row % 64 < 37 },
  { maxKept: 1 },
)
describeStored('rows in a file', { prefix: true, coded: every }, every)
describeStored(
  'rows in a file or in memory, half of them without codes, no prefix level',
  { prefix: false, coded: (row) => row % 64 < 37 },
  (row) => row % 3 > 0,
)
describeLevels('float32', null, 1)
describeLevels('prefix, codes, float32', { prefix: true, coded: every }, 1)
describeLevels('codes, float32', { prefix: false, coded: every }, 1)
describeLevels('six queries together', { prefix: true, coded: every }, 6)
describeLevels('half of the rows without codes', { prefix: true, coded: (row) => row % 64 < 37 }, 1)

describeRowIndex('search threads', async (vectors, space: SpaceKind) => {
  const memory = new BlockMemory()
  const threads = new SearchThreads({ memory, module: SCAN_MODULE, threads: 2, splitAbove: 1000 })
  const rows = filledRows(memory, vectors)
  return { index: threads.index(rows, space, null), close: () => threads.close() }
})

test('a search of another vector, or of other rows, is not resumed by its name', () => {
  const resumable = new ResumableSearches<ResumableScan>(() => 0)
  const vectors = HARD_SETS.clustered!(seededRandom(14), 700, 48)
  const { rows, codes, search } = searchedRows(vectors, { prefix: true, coded: every }, resumable)
  const answer = (row: number, name: string, range: RowsRange) => {
    const vector = vectors[row]!
    const query = { vector, k: 5, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null }
    const way = { kind: 'cascade' as const }
    const named = { ...query, way, resumableAs: name }
    return search.search(rows.view(), codes, 'euclidean', [named], range)[0]!
  }
  const all = { first: 0, end: rows.count }
  const half = { first: 352, end: rows.count }
  answer(3, 'one', all)
  assert.equal(answer(3, 'one', all).levels[0]!.candidates, 0, 'the bounds are there already')
  for (const [row, range] of [
    [4, all],
    [4, half],
  ] as const) {
    const { rows: found, distances, levels } = answer(row, 'one', range)
    assert.deepEqual(levels[0], { name: 'prefix', candidates: range.end - range.first })
    const wanted = answer(row, 'two', range)
    assert.deepEqual(found.sort(), wanted.rows.sort())
    assert.deepEqual(distances.sort(), wanted.distances.sort())
  }
})

test('a search that is kept is not written over by those that get the room of others', () => {
  const random = seededRandom(15)
  const vectors = HARD_SETS.clustered!(random, 700, 48)
  const resumable = new ResumableSearches<ResumableScan>(() => 0, { maxKept: 3 })
  const { rows, codes, search } = searchedRows(vectors, { prefix: true, coded: every }, resumable)
  const range = { first: 0, end: rows.count }
  const page = (row: number, name: string | undefined, k: number) => {
    const query: RowQuery = {
      vector: vectors[row]!,
      k,
      radius: Number.POSITIVE_INFINITY,
      from: -1,
      allowed: null,
      way: { kind: 'cascade' },
      ...(name !== undefined && { resumableAs: name }),
    }
    const [found] = search.search(rows.view(), codes, 'euclidean', [query], range)
    const distances = [...found!.distances].sort((a, b) => a - b)
    return { distances, bounded: found!.levels[0]!.candidates }
  }
  // A name that is taken by another vector gives up what it kept, so that room is free without one that gives way.
  let resumed = 0
  for (let round = 0; round < 300; round++) {
    const row = 150 * Math.floor(random() * 4)
    const { distances, bounded } = page(row, `name ${Math.floor(random() * 4)}`, 40)
    assert.deepEqual(distances, page(row, undefined, 40).distances, `seed 15, round ${round}`)
    if (bounded === 0) resumed++
  }
  assert.ok(resumed > 20, `${resumed} were resumed`)
})

test('the kernel never drops a row that the canonical distance keeps', () => {
  const random = seededRandom(11)
  const memory = new BlockMemory()
  const kernelOf = () => bindKernels(SCAN_MODULE, memory.segments[0]!)
  for (const [set, make] of Object.entries(HARD_SETS)) {
    for (const dimensions of [1, 5, 130]) {
      const vectors = make(random, 200, dimensions)
      const rows = filledRows(memory, vectors)
      const query = vectors[17]!
      const blocks = new Int32Array(rows.view().blocks)
      const kernel = kernelOf()
      const { floats } = rows.layout
      const scratch = new Float32Array(kernel.memory.buffer, 0, floats).fill(0)
      scratch.set(query)
      const start = memory.floats(blocks[0]!).byteOffset
      vectors.forEach((vector, i) => {
        const squared = squaredEuclidean(query, vector)
        const bound = kernelBound(squared, dimensions)
        const hits = kernel.scan(0, start + i * floats * 4, 1, floats, bound, 1 << 17)
        assert.equal(hits, 1, `${set}, ${dimensions} numbers, row ${i}: ${squared} over ${bound}`)
      })
      rows.release()
    }
  }
})

test('the kernel computes the canonical distance to the last bit', () => {
  const seed = 13
  const random = seededRandom(seed)
  const memory = new BlockMemory()
  for (const [set, make] of Object.entries(HARD_SETS)) {
    for (const dimensions of [1, 6, 67]) {
      const vectors = make(random, 30, dimensions)
      const rows = filledRows(memory, vectors)
      const kernel = bindKernels(SCAN_MODULE, memory.segments[0]!)
      const start = memory.floats(new Int32Array(rows.view().blocks)[0]!).byteOffset
      const query = new Float32Array(kernel.memory.buffer, 0, rows.layout.floats)
      query.fill(0).set(vectors[3]!)
      // None, some and all of the last four, in any order.
      for (const listed of [[], [29], [7, 3, 3, 0, 28], [4, 5, 6, 7]]) {
        new Uint32Array(kernel.memory.buffer, 1 << 16, listed.length).set(listed)
        const { floats } = rows.layout
        kernel.canonical(0, start, 1 << 16, listed.length, floats, dimensions, 1 << 17)
        const squares = new Float64Array(kernel.memory.buffer, 1 << 17, listed.length)
        const wanted = listed.map((row) => squaredEuclidean(vectors[3]!, vectors[row]!))
        assert.deepEqual([...squares], wanted, `seed ${seed}, ${set}, ${dimensions} numbers`)
      }
      rows.release()
    }
  }
})

test('the kernel drops nearly every row beyond the bound', () => {
  const random = seededRandom(12)
  const memory = new BlockMemory()
  const vectors = gaussianVectors(random, 1000, 64)
  const rows = filledRows(memory, vectors)
  const search = new RowSearch(SCAN_MODULE, 0)
  memory.onSegment((segment) => search.addSegment(segment))
  const distances = vectors
    .map((v) => Math.sqrt(squaredEuclidean(v, vectors[0]!)))
    .sort((a, b) => a - b)
  const query = { vector: vectors[0]!, k: 1000, radius: distances[20]!, from: -1, allowed: null }
  const range = { first: 0, end: rows.count }
  const [answer] = search.search(rows.view(), null, 'euclidean', [query], range)
  assert.ok(answer)
  assert.equal(answer.rows.length, 21)
  assert.deepEqual(answer.levels, [
    { name: 'float32', candidates: 1000 },
    { name: 'float64', candidates: 21 },
  ])
})

test('released blocks are used again, and their old rows are gone', () => {
  const memory = new BlockMemory()
  const first = filledRows(memory, [Float32Array.of(9, 9, 9, 9, 9)])
  const used = memory.usedBytes
  first.release()
  const second = filledRows(memory, [Float32Array.of(1, 2, 3)])
  assert.equal(memory.usedBytes, used)
  assert.deepEqual([...second.read(0)], [1, 2, 3])
  const block = new Int32Array(second.view().blocks)[0]!
  assert.deepEqual([...memory.floats(block).subarray(0, 6)], [1, 2, 3, 0, 0, 0])
})

test('a search beyond the queue is refused at once', async () => {
  const memory = new BlockMemory()
  const threads = new SearchThreads({ memory, module: SCAN_MODULE, threads: 1 })
  const index = threads.index(filledRows(memory, [Float32Array.of(1)]), 'euclidean', null)
  const query = {
    vector: Float32Array.of(1),
    k: 1,
    radius: Number.POSITIVE_INFINITY,
    from: -1,
    allowed: null,
  }
  const admitted = Array.from({ length: 512 }, () => index.search(query))
  await assert.rejects(index.search(query), { code: 'QUEUE_FULL' })
  for (const { rows } of await Promise.all(admitted)) assert.equal(rows.length, 1)
  await threads.close()
})

for (const [words, levels] of [
  ['without codes', null],
  ['by codes', { prefix: false, coded: () => true }],
  ['by prefix codes', { prefix: true, coded: () => true }],
  ['by codes that some rows lack', { prefix: true, coded: (row: number) => row % 3 > 0 }],
] as const) {
  test(`a scan ${words} that is stopped looks at no rows; those beside it are whole`, () => {
    const vectors = gaussianVectors(seededRandom(3), 3000, 64)
    const resumable = new ResumableSearches<ResumableScan>(() => 0)
    const flags = new Int32Array(8)
    const { rows, codes, search } = searchedRows(vectors, levels, resumable, flags)
    const query = {
      ...{ vector: vectors[5]!, k: 3, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null },
      stopFlag: 2,
    }
    const range = { first: 0, end: rows.count }
    const ask = (queries: readonly RowQuery[]) =>
      search.search(rows.view(), codes, 'euclidean', queries, range)
    const [whole] = ask([query])
    assert.ok(whole!.rows.length >= 3)
    flags[2] = 1
    const { vector, k, radius, from, allowed } = query
    const other = { vector, k, radius, from, allowed }
    const beside = ask([query, { ...other, stopFlag: 1 }, other])
    const decided = beside.map(({ levels }) => levels.at(-1)!.candidates)
    assert.equal(decided[0], 0, 'rows were decided')
    for (const answer of beside.slice(1)) {
      assert.deepEqual(answer.rows.toSorted(), whole!.rows.toSorted())
    }
    // A part of a scan is nothing that a later one could resume.
    ask([{ ...query, resumableAs: 'x' }])
    flags[2] = 0
    const [resumed] = ask([{ ...query, resumableAs: 'x' }])
    assert.deepEqual(resumed!.rows.toSorted(), whole!.rows.toSorted())
  })
}

test('a scan that has seen its flag raised is not kept, also where the flag is lowered before it ends', (t) => {
  const vectors = gaussianVectors(seededRandom(3), 3000, 64)
  const resumable = new ResumableSearches<ResumableScan>(() => 0)
  const levels = { prefix: true, coded: every }
  const { rows, codes, search } = searchedRows(vectors, levels, resumable, new Int32Array(8))
  const query = {
    ...{ vector: vectors[5]!, k: 3, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null },
    ...{ stopFlag: 2, resumableAs: 'x' },
  }
  const range = { first: 0, end: rows.count }
  const ask = () => search.search(rows.view(), codes, 'euclidean', [query], range)[0]!
  let reads = 0
  const load = t.mock.method(Atomics, 'load', () => (reads++ === 0 ? 1 : 0))
  ask()
  load.mock.restore()
  assert.ok(reads > 0)
  // One that is resumed bounds no rows.
  const bounded = () => ask().levels.find(({ name }) => name === 'prefix')!.candidates
  assert.deepEqual([bounded(), bounded()], [3000, 0])
})

test('searches that wait for the threads when nobody waits for them any more are not begun', async () => {
  const memory = new BlockMemory()
  const threads = new SearchThreads({ memory, module: SCAN_MODULE, threads: 1 })
  const vectors = gaussianVectors(seededRandom(4), 2000, 64)
  const index = threads.index(filledRows(memory, vectors), 'euclidean', null)
  const reason = new Error('nobody waits')
  const caller = new AbortController()
  setMaxListeners(0, caller.signal)
  const asked = (k: number) => ({
    ...{ vector: vectors[0]!, k, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null },
  })
  const gone = Array.from({ length: 300 }, () => index.search(asked(5), caller.signal))
  const stays = index.search(asked(5))
  caller.abort(reason)
  for (const search of gone) await assert.rejects(search, (error) => error === reason)
  assert.equal((await stays).rows.length, 5)
  const again = await index.search(asked(7), new AbortController().signal)
  assert.equal(again.rows.length, 7)
  await threads.close()
})
