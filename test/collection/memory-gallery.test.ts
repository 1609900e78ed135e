import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SearchThreads } from '../../src/adapters/search-threads/search-threads.ts'
import type { GalleryQuery } from '../../src/collection/gallery.ts'
import { MemoryGallery } from '../../src/collection/memory-gallery.ts'
import { compareIds } from '../../src/collection/spec.ts'
import { RowCoding } from '../../src/index/cascade/row-coding.ts'
import { BlockMemory } from '../../src/kernels/block-memory.ts'
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

function opened() {
  const memory = new BlockMemory()
  const threads = new SearchThreads({ memory, module: SCAN_MODULE, threads: 2, splitAbove: 50_000 })
  const rows = new VectorRows(memory, DIMENSIONS)
  const coding = new RowCoding(memory, threads.coder, DIMENSIONS)
  const index = threads.index(rows, 'euclidean', coding)
  const trees = threads.trees(rows, 'euclidean')
  // So that the codes are used where there are any.
  const planning = searchPlanning(threads, { costs: { scanned: 1e9, gathered: 1e3 } })
  const gallery = new MemoryGallery(rows, index, coding, trees, planning)
  return { memory, threads, gallery }
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

for (const set of ['random', 'clustered', 'duplicates']) {
  test(`a gallery under writes, coded meanwhile, answers as a naive scan: ${set}`, async () => {
    const seed = 40
    const random = seededRandom(seed)
    const { gallery, threads } = opened()
    const vectors = HARD_SETS[set]!(random, 3000, DIMENSIONS)
    const truth: Truth = new Map()
    let later = 100_000
    const plans = new Set<string>()
    // Thousands of equal rows make changes of a tree dear; the contract of row trees covers them at rest.
    const inTrees = set !== 'duplicates'
    try {
      for (let key = 1; key <= 12_000; key++) {
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
      const wantedPlans = inTrees ? ['scan', 'vp-tree', 'm-tree', 'filtered vp-tree'] : ['scan']
      for (const plan of wantedPlans) {
        assert.ok(plans.has(plan), `no ${plan} among ${[...plans].join(', ')}`)
      }
    } finally {
      await threads.close()
    }
  })
}

test('a dropped gallery gives its memory back once its searches have ended', async () => {
  const { memory, gallery, threads } = opened()
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
  assert.equal(gallery.memoryBytes, 0)
  await threads.close()
})
