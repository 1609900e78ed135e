import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { RowFiles } from '../../src/adapters/row-files/row-files.ts'
import { SearchThreads } from '../../src/adapters/search-threads/search-threads.ts'
import type { GalleryQuery } from '../../src/collection/gallery.ts'
import { MemoryGallery } from '../../src/collection/memory-gallery.ts'
import { compareIds, VECTOR_MEMORIES, type VectorMemory } from '../../src/collection/spec.ts'
import { RowCoding } from '../../src/index/cascade/row-coding.ts'
import { BlockMemory } from '../../src/kernels/block-memory.ts'
import { StoredRows } from '../../src/kernels/stored-rows.ts'
import { VectorRows } from '../../src/kernels/vector-rows.ts'
import { type Random, seededRandom } from '../../src/vector/random.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { SCAN_MODULE } from '../support/kernels.ts'
import { HARD_SETS } from '../support/random-vectors.ts'
import { searchPlanning } from '../support/search-planning.ts'

const DIMENSIONS = 64
const everything = {
  ...{ k: 10, radius: Number.POSITIVE_INFINITY, after: null, keys: null, without: [] },
  exactIndex: 'scan' as const,
}
const INDEXES = ['scan', 'vp-tree', 'm-tree'] as const

function opened(kept: VectorMemory) {
  const memory = new BlockMemory()
  const threads = new SearchThreads({ memory, module: SCAN_MODULE, threads: 2, splitAbove: 50_000 })
  const coding = new RowCoding(memory, threads.coder, DIMENSIONS)
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-gallery-'))
  const files = new RowFiles(folder)
  const rows =
    kept === 'codes'
      ? new StoredRows(memory, DIMENSIONS, files.open(DIMENSIONS))
      : new VectorRows(memory, DIMENSIONS)
  const index = threads.index(rows, 'euclidean', coding)
  // So that the codes are used where there are any.
  const planning = searchPlanning(threads, { costs: { scanned: 1e9, gathered: 1e3 } })
  const trees = rows instanceof StoredRows ? null : threads.trees(rows, 'euclidean')
  const gallery = new MemoryGallery({ rows, index, coding, trees, planning })
  const close = async () => {
    await threads.close()
    files.close()
    rmSync(folder, { recursive: true })
  }
  return { memory, close, gallery, rows }
}

/** Until both trees answer; a scan does meanwhile. */
async function treesReady(gallery: MemoryGallery, vector: Float32Array): Promise<void> {
  for (const exactIndex of ['vp-tree', 'm-tree'] as const) {
    let plan = ''
    while (plan !== exactIndex) {
      plan = (await gallery.search({ ...everything, vector, exactIndex })).plan
    }
  }
}

type Truth = Map<string, { key: number; vector: Float32Array }>

function naive(truth: Truth, { vector, k, radius, after, without }: GalleryQuery) {
  return [...truth]
    .filter(([id]) => !without.includes(id))
    .map(([id, record]) => ({
      id,
      key: record.key,
      distance: Math.sqrt(squaredEuclidean(vector, record.vector)),
    }))
    .filter(({ distance }) => distance <= radius)
    .sort((a, b) => a.distance - b.distance || compareIds(a.id, b.id))
    .filter(
      ({ id, distance }) =>
        after === null ||
        distance > after.distance ||
        (distance === after.distance && compareIds(id, after.id) > 0),
    )
    .slice(0, k)
}

/** Adds, replaces and deletes; `key` counts the versions. */
function change(
  gallery: MemoryGallery,
  truth: Truth,
  vectors: Float32Array[],
  random: Random,
  key: number,
) {
  const id = `r${Math.floor(random() * 4000)}`
  const old = truth.get(id)
  if (old !== undefined && random() < 0.4) {
    gallery.delete([old.key])
    truth.delete(id)
    return
  }
  const vector = vectors[key % vectors.length]!
  gallery.put({ key, id, vector, replacedKey: old?.key ?? null })
  truth.set(id, { key, vector })
}

const CASES = ['random', 'clustered', 'duplicates'].flatMap((set) => {
  return VECTOR_MEMORIES.map((kept) => ({ set, kept }))
})

for (const { set, kept } of CASES) {
  test(`a gallery under writes, coded meanwhile, answers as a naive scan: ${set}, ${kept} in memory`, async () => {
    const seed = 40
    const random = seededRandom(seed)
    const { gallery, close } = opened(kept)
    const vectors = HARD_SETS[set]!(random, 3000, DIMENSIONS)
    const truth: Truth = new Map()
    let later = 100_000
    const plans = new Set<string>()
    // Thousands of equal rows make changes of a tree dear; the contract of row trees covers them at rest.
    const inTrees = set !== 'duplicates' && kept === 'float32'
    try {
      for (let key = 1; key <= 12_000; key++) {
        await gallery.reserve(1)
        change(gallery, truth, vectors, random, key)
        if (key % 400 !== 0) continue
        const vector = vectors[Math.floor(random() * vectors.length)]!
        const first = { ...everything, vector, without: [...truth.keys()].slice(0, 2) }
        if (inTrees) await treesReady(gallery, vector)
        const [place] = naive(truth, first).slice(4)
        const keys = Float64Array.from([...truth.values()].map((record) => record.key)).filter(
          () => random() < 0.3,
        )
        const some = new Set(keys)
        const filtered = new Map([...truth].filter(([, record]) => some.has(record.key)))
        const cases: [Truth, GalleryQuery][] = [
          [truth, first],
          [truth, { ...first, after: place ?? null }],
          [truth, { ...first, k: 5000, radius: place?.distance ?? 1 }],
          [filtered, { ...first, keys: async () => keys }],
        ]
        for (const [i, [among, query]] of cases.entries()) {
          // What is there when the search begins counts, whatever is written while it runs.
          const wanted = naive(among, query)
          const exactIndex = inTrees ? INDEXES[(i + key / 400) % 3]! : 'scan'
          const answer = gallery.search({ ...query, exactIndex })
          if (query.keys === null) change(gallery, truth, vectors, random, later++)
          const { hits, plan } = await answer
          assert.deepEqual(hits, wanted, `seed ${seed}, after ${key} changes, ${plan}`)
          plans.add(plan)
        }
      }
      await gallery.coded()
      const vector = vectors[1]!
      const answer = await gallery.search({ ...everything, vector })
      assert.deepEqual(answer.hits, naive(truth, { ...everything, vector }))
      // Codes tell no duplicate from another, so that reading the rows at once is cheaper.
      const level = set === 'duplicates' ? 'float32' : 'codes'
      assert.ok(
        answer.levels.some(({ name }) => name === level),
        JSON.stringify(answer.levels),
      )
      assert.equal(gallery.count, truth.size)
      const [id, { vector: stored }] = [...truth][5]!
      assert.deepEqual(await gallery.vector(id), stored)
      for (const drawn of await gallery.sample(50, random)) {
        assert.deepEqual(drawn.vector, truth.get(drawn.id)!.vector)
      }
      const wantedPlans = inTrees ? ['scan', 'vp-tree', 'm-tree', 'filtered vp-tree'] : ['scan']
      for (const plan of wantedPlans) {
        assert.ok(plans.has(plan), `no ${plan} among ${[...plans].join(', ')}`)
      }
    } finally {
      await close()
    }
  })
}

test('a dropped gallery gives its memory back once its searches have ended', async () => {
  const { memory, gallery, close } = opened('float32')
  const vectors = HARD_SETS.random!(seededRandom(3), 3000, DIMENSIONS)
  for (const [i, vector] of vectors.entries()) {
    gallery.put({ key: i + 1, id: `r${i}`, vector, replacedKey: null })
  }
  await gallery.coded()
  // The build of a tree holds the rows too.
  await gallery.search({ ...everything, vector: vectors[0]!, exactIndex: 'm-tree' })
  const search = gallery.search({ ...everything, vector: vectors[0]! })
  gallery.release()
  assert.ok(memory.usedBytes > 0)
  assert.equal((await search).hits[0]?.id, 'r0')
  while (memory.usedBytes > 0) await new Promise(setImmediate)
  await close()
})

test('of rows in a file only codes stay in memory, and the file goes with the gallery', async () => {
  const { memory, gallery, close, rows } = opened('codes')
  try {
    assert.ok(rows instanceof StoredRows)
    const vectors = HARD_SETS.clustered!(seededRandom(4), 20_000, DIMENSIONS)
    let most = 0
    for (const [i, vector] of vectors.entries()) {
      await gallery.reserve(1)
      gallery.put({ key: i + 1, id: `r${i}`, vector, replacedKey: null })
      most = Math.max(most, rows.resident)
    }
    await gallery.coded()
    assert.equal(rows.resident, 0)
    assert.ok(most < 5000, `${most} rows were in memory at once`)
    const codes = 64 + 12 + 64 + 16
    const perRow = memory.usedBytes / vectors.length
    assert.ok(perRow < 1.4 * codes, `${perRow} bytes a row`)
    const search = gallery.search({ ...everything, vector: vectors[7]! })
    gallery.release()
    assert.equal((await search).hits[0]?.id, 'r7')
    while (memory.usedBytes > 0) await new Promise(setImmediate)
  } finally {
    await close()
  }
})

test('a gallery of rows in a file refuses what would have them in memory', async () => {
  const { gallery, close } = opened('codes')
  try {
    const vector = new Float32Array(DIMENSIONS)
    const search = gallery.search({ ...everything, vector, exactIndex: 'vp-tree' })
    await assert.rejects(search, { code: 'INVALID_REQUEST', message: /"vp-tree"/ })
  } finally {
    await close()
  }
})

test('writes are refused while rows cannot be written to their file, and go on when they can', async () => {
  const { gallery, close, rows } = opened('codes')
  try {
    assert.ok(rows instanceof StoredRows)
    const vectors = HARD_SETS.random!(seededRandom(5), 6000, DIMENSIONS)
    // A descriptor that nobody has open.
    const view = rows.view.bind(rows)
    rows.view = () => ({ ...view(), stored: { ...view().stored!, file: 1_000_000 } })
    const write = async (i: number) => {
      await gallery.reserve(1)
      gallery.put({ key: i + 1, id: `r${i}`, vector: vectors[i]!, replacedKey: null })
    }
    let written = 0
    await assert.rejects(
      async () => {
        for (; written < 6000; written++) await write(written)
      },
      { code: 'THREAD_FAILED', message: /EBADF/ },
    )
    rows.view = view
    for (; written < 6000; written++) await write(written)
    await gallery.coded()
    assert.equal(rows.resident, 0)
    const { hits } = await gallery.search({ ...everything, vector: vectors[3]! })
    assert.equal(hits[0]?.id, 'r3')
  } finally {
    await close()
  }
})
