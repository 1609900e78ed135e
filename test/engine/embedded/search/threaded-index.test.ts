import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryClient } from '../../../../src/engine/embedded/search/memory-client.ts'
import type {
  SearchCalls,
  SearchNotices,
} from '../../../../src/engine/embedded/search/search-thread.ts'
import { SearchThreads } from '../../../../src/engine/embedded/search/search-threads.ts'
import { ThreadedIndex } from '../../../../src/engine/embedded/search/threaded-index.ts'
import type { RowAnswer, RowQuery } from '../../../../src/index/row-index.ts'
import { RowCoding } from '../../../../src/index/scan/cascade/row-coding.ts'
import { RowSquares } from '../../../../src/index/scan/row-squares.ts'
import { BlockMemory } from '../../../../src/kernels/block-memory.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { squaredEuclidean } from '../../../../src/vector/squared-euclidean.ts'
import { filledRows } from '../../../support/coded-rows.ts'
import { SCAN_MODULE } from '../../../support/kernels.ts'
import { HARD_SETS } from '../../../support/random-vectors.ts'

const ROWS = 2500
const DIMENSIONS = 40
const K = 7
const SEED = 21

test('searches asked at once, however many, get what a full scan finds for each', async () => {
  const memory = new BlockMemory()
  const threads = new SearchThreads({ memory, module: SCAN_MODULE, threads: 2, splitAbove: 0 })
  try {
    const vectors = HARD_SETS.clustered!(seededRandom(SEED), ROWS, DIMENSIONS)
    const rows = filledRows(memory, vectors)
    const coding = new RowCoding(memory, threads.coder, DIMENSIONS)
    while (coding.pending(rows.count)) await coding.advance(rows.view(), () => 0)
    const index = threads.index(rows, 'euclidean', coding)
    for (const callers of [1, 2, 3, 5, 8, 16, 41]) {
      const asked = vectors.slice(callers, 2 * callers)
      const answers = await Promise.all(asked.map((vector) => index.search(nearestTo(vector))))
      answers.forEach((answer, i) => {
        const wanted = scanned(vectors, asked[i]!)
        assert.deepEqual(inOrder(answer), wanted, `seed ${SEED}, ${callers} callers, query ${i}`)
      })
    }
  } finally {
    await threads.close()
  }
})

test('a search that is split does not wait for a thread that comes when no row is left', async () => {
  const memory = new BlockMemory()
  const module = SCAN_MODULE
  const vectors = HARD_SETS.clustered!(seededRandom(SEED), ROWS, DIMENSIONS)
  const rows = filledRows(memory, vectors)
  const gate = new SharedArrayBuffer(4)
  const script = (path: string) => new URL(path, import.meta.url)
  const search = script('../../../../src/engine/embedded/search/search-thread.js')
  const late = script('../../../support/late-search-thread.js')
  const started = (url: URL, workerData: object) =>
    memoryClient<SearchCalls, SearchNotices>('a search thread', url, memory, {
      start: 'always',
      worker: { workerData },
    })
  const threads = [
    started(search, { module, thread: 0 }),
    started(late, { module, thread: 1, gate }),
  ]
  const index = new ThreadedIndex({
    number: 0,
    threads,
    splitAbove: 0,
    rows,
    space: 'euclidean',
    coding: null,
    squares: new RowSquares(memory, module),
    admit: (search) => search(),
  })
  try {
    for (const open of [false, true]) {
      if (open) {
        Atomics.store(new Int32Array(gate), 0, 1)
        Atomics.notify(new Int32Array(gate), 0)
      }
      for (const vector of vectors.slice(0, 20)) {
        const answer = await index.search(nearestTo(vector))
        assert.deepEqual(inOrder(answer), scanned(vectors, vector), `seed ${SEED}, open: ${open}`)
        if (!open) assert.ok(threads[1]!.pending > 0, 'the other thread has not even begun')
      }
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.close()))
  }
})

/** An index whose threads answer as they are told. */
function indexOn(threads: readonly object[]): ThreadedIndex {
  const memory = new BlockMemory()
  return new ThreadedIndex({
    number: 0,
    threads: threads as never,
    splitAbove: 0,
    rows: filledRows(memory, HARD_SETS.random!(seededRandom(SEED), ROWS, DIMENSIONS)),
    space: 'euclidean',
    coding: null,
    squares: new RowSquares(memory, SCAN_MODULE),
    admit: (search) => search(),
  })
}

test('a slice of a join in a thread keeps no search from being split', async () => {
  const asked: number[] = []
  const answer = { rows: new Uint32Array(), distances: new Float64Array(), levels: [] }
  const threads = [0, 1].map((thread) => ({
    // Slices of joins, and a search.
    pending: 3,
    pendingOf: (kinds: ReadonlySet<string>) => (kinds.has('join') || kinds.has('ranks') ? 3 : 1),
    provide: () => undefined,
    call: async () => {
      asked.push(thread)
      return [answer]
    },
  }))
  await indexOn(threads).search(nearestTo(new Float32Array(DIMENSIONS)))
  assert.deepEqual(asked, [0, 1])
})

test('where one thread fails, the other is waited for before rows and flags are for others', async () => {
  let finish: (count: unknown) => void = () => undefined
  const calls = [
    () => Promise.reject(new Error('broken')),
    () =>
      new Promise((resolve) => {
        finish = resolve
      }),
  ]
  const threads = calls.map((call) => {
    return { pending: 0, pendingOf: () => 0, provide: () => undefined, call }
  })
  let isOver = false
  const query = { vector: new Float32Array(DIMENSIONS), radius: 1, allowed: null }
  const counting = assert
    .rejects(indexOn(threads).within(query as never), /broken/)
    .then(() => (isOver = true))
  for (let i = 0; i < 10; i++) await new Promise(setImmediate)
  assert.equal(isOver, false)
  finish({ count: 0, levels: [] })
  await counting
})

function nearestTo(vector: Float32Array): RowQuery {
  return { vector, k: K, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null }
}

type Found = readonly (readonly [row: number, distance: number])[]

function inOrder({ rows, distances }: RowAnswer): Found {
  return [...rows].map((row, i) => [row, distances[i]!] as const).sort(byDistance)
}

/** The k nearest, and all that tie with the last. */
function scanned(vectors: readonly Float32Array[], query: Float32Array): Found {
  const all = vectors
    .map((vector, row) => [row, Math.sqrt(squaredEuclidean(query, vector))] as const)
    .sort(byDistance)
  return all.filter(([, distance]) => distance <= all[K - 1]![1])
}

function byDistance(a: Found[number], b: Found[number]): number {
  return a[1] - b[1] || a[0] - b[0]
}
