import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VECTOR_MEMORIES, type VectorMemory } from '../../../src/engine/collection-spec.ts'
import { TREE_KINDS } from '../../../src/index/metric/row-tree.ts'
import { StoredRows } from '../../../src/kernels/stored-rows.ts'
import { type Random, seededRandom } from '../../../src/vector/random.ts'
import {
  EVERYTHING,
  type GenerationUnderTest,
  type RowsQuery,
} from '../../support/generation-under-test.ts'
import { naiveHits, type Truth } from '../../support/naive-search.ts'
import { openGeneration } from '../../support/open-generation.ts'
import { HARD_SETS } from '../../support/random-vectors.ts'
import { treeReady } from '../../support/tree-ready.ts'

const DIMENSIONS = 64
// So that the codes are used where there are any.
const CODES_PAY = { scanned: 1e9, gathered: 1e3 }
const INDEXES = ['scan', ...TREE_KINDS] as const

function opened(kept: VectorMemory) {
  return openGeneration(DIMENSIONS, { kept, costs: CODES_PAY })
}

/** Adds, replaces and deletes; `key` counts the versions. */
function change(
  generation: GenerationUnderTest,
  truth: Truth,
  vectors: Float32Array[],
  random: Random,
  key: number,
) {
  const id = `r${Math.floor(random() * 4000)}`
  const old = truth.get(id)
  if (old !== undefined && random() < 0.4) {
    generation.delete([old.key])
    truth.delete(id)
    return
  }
  const vector = vectors[key % vectors.length]!
  generation.put({ key, id, vector, replacedKey: old?.key ?? null })
  truth.set(id, { key, vector })
}

const CASES = ['random', 'clustered', 'duplicates'].flatMap((set) => {
  return VECTOR_MEMORIES.map((kept) => ({ set, kept }))
})

for (const { set, kept } of CASES) {
  test(`a generation under writes, coded meanwhile, answers as a naive scan: ${set}, ${kept} in memory`, async () => {
    const seed = 40
    const random = seededRandom(seed)
    const { generation, close } = opened(kept)
    const vectors = HARD_SETS[set]!(random, 3000, DIMENSIONS)
    const truth: Truth = new Map()
    let later = 100_000
    const plans = new Set<string>()
    // Thousands of equal rows make changes of a tree dear; the contract of row trees covers them at rest.
    const inTrees = set !== 'duplicates' && kept === 'float32'
    try {
      for (let key = 1; key <= 12_000; key++) {
        await generation.reserve(1)
        change(generation, truth, vectors, random, key)
        if (key % 400 !== 0) continue
        const vector = vectors[Math.floor(random() * vectors.length)]!
        const first = { ...EVERYTHING, vector, without: [...truth.keys()].slice(0, 2) }
        if (inTrees) for (const tree of TREE_KINDS) await treeReady(generation, tree)
        const [place] = naiveHits(truth, first).slice(4)
        const keys = Float64Array.from([...truth.values()].map((record) => record.key)).filter(
          () => random() < 0.3,
        )
        const filtered = having(truth, keys)
        const cases: [Truth, RowsQuery][] = [
          [truth, first],
          [truth, { ...first, after: place ?? null }],
          [truth, { ...first, k: 5000, radius: place?.distance ?? 1 }],
          [filtered, { ...first, keys: async () => keys }],
        ]
        for (const [i, [among, query]] of cases.entries()) {
          // What is there when the search begins counts, whatever is written while it runs.
          const wanted = naiveHits(among, query)
          const exactIndex = inTrees ? INDEXES[(i + key / 400) % 3]! : 'scan'
          const answer = generation.search({ ...query, exactIndex })
          if (query.keys === null) change(generation, truth, vectors, random, later++)
          const { hits, plan } = await answer
          assert.deepEqual(hits, wanted, `seed ${seed}, after ${key} changes, ${plan}`)
          plans.add(plan)
        }
      }
      await generation.coded()
      const vector = vectors[1]!
      const answer = await generation.search({ ...EVERYTHING, vector })
      assert.deepEqual(answer.hits, naiveHits(truth, { ...EVERYTHING, vector }))
      // Codes tell no duplicate from another, so that reading the rows at once is cheaper.
      const level = set === 'duplicates' ? 'float32' : 'codes'
      assert.ok(
        answer.levels.some(({ name }) => name === level),
        JSON.stringify(answer.levels),
      )
      assert.equal(generation.count, truth.size)
      const [id, { vector: stored }] = [...truth][5]!
      assert.deepEqual(await generation.vector(id), stored)
      for (const drawn of await generation.sample(50, random)) {
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

test('a dropped generation gives its memory back once its searches have ended', async () => {
  const { memory, generation, close } = opened('float32')
  const vectors = HARD_SETS.random!(seededRandom(3), 3000, DIMENSIONS)
  for (const [i, vector] of vectors.entries()) {
    generation.put({ key: i + 1, id: `r${i}`, vector, replacedKey: null })
  }
  await generation.coded()
  // The build of a tree holds the rows too.
  await generation.search({ ...EVERYTHING, vector: vectors[0]!, exactIndex: 'm-tree' })
  const search = generation.search({ ...EVERYTHING, vector: vectors[0]! })
  generation.release()
  assert.ok(memory.usedBytes > 0)
  assert.equal((await search).hits[0]?.id, 'r0')
  while (memory.usedBytes > 0) await new Promise(setImmediate)
  await close()
})

test('of rows in a file only codes stay in memory, and the file goes with the generation', async () => {
  const { memory, generation, close, rows } = opened('codes')
  try {
    assert.ok(rows instanceof StoredRows)
    const vectors = HARD_SETS.clustered!(seededRandom(4), 20_000, DIMENSIONS)
    let most = 0
    for (const [i, vector] of vectors.entries()) {
      await generation.reserve(1)
      generation.put({ key: i + 1, id: `r${i}`, vector, replacedKey: null })
      most = Math.max(most, rows.resident)
    }
    await generation.coded()
    assert.equal(rows.resident, 0)
    assert.ok(most < 5000, `${most} rows were in memory at once`)
    const codes = 64 + 12 + 64 + 16
    const perRow = memory.usedBytes / vectors.length
    assert.ok(perRow < 1.4 * codes, `${perRow} bytes a row`)
    const search = generation.search({ ...EVERYTHING, vector: vectors[7]! })
    generation.release()
    assert.equal((await search).hits[0]?.id, 'r7')
    while (memory.usedBytes > 0) await new Promise(setImmediate)
  } finally {
    await close()
  }
})

test('a generation of rows in a file refuses what would have them in memory', async () => {
  const { generation, close } = opened('codes')
  try {
    const vector = new Float32Array(DIMENSIONS)
    const search = generation.search({ ...EVERYTHING, vector, exactIndex: 'vp-tree' })
    await assert.rejects(search, { code: 'INVALID_REQUEST', message: /"vp-tree"/ })
  } finally {
    await close()
  }
})

test('writes are refused while rows cannot be written to their file, and go on when they can', async () => {
  const { generation, close, rows } = opened('codes')
  try {
    assert.ok(rows instanceof StoredRows)
    const vectors = HARD_SETS.random!(seededRandom(5), 6000, DIMENSIONS)
    // A descriptor that nobody has open.
    const view = rows.view.bind(rows)
    rows.view = () => ({ ...view(), stored: { ...view().stored!, file: 1_000_000 } })
    const write = async (i: number) => {
      await generation.reserve(1)
      generation.put({ key: i + 1, id: `r${i}`, vector: vectors[i]!, replacedKey: null })
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
    await generation.coded()
    assert.equal(rows.resident, 0)
    const { hits } = await generation.search({ ...EVERYTHING, vector: vectors[3]! })
    assert.equal(hits[0]?.id, 'r3')
  } finally {
    await close()
  }
})

for (const kept of VECTOR_MEMORIES) {
  test(`pages are those of one ranking, with writes between them or none: ${kept} in memory`, async () => {
    const seed = 50
    const random = seededRandom(seed)
    const { generation, close } = opened(kept)
    const vectors = HARD_SETS.clustered!(random, 6000, DIMENSIONS)
    const truth: Truth = new Map()
    const prefixes: number[] = []
    try {
      for (const [i, vector] of vectors.entries()) {
        await generation.reserve(1)
        generation.put({ key: i + 1, id: `r${i}`, vector, replacedKey: null })
        truth.set(`r${i}`, { key: i + 1, vector })
      }
      await generation.coded()
      let key = 10_000
      for (let round = 0; round < 6; round++) {
        const vector = vectors[Math.floor(random() * vectors.length)]!
        const keys = Float64Array.from([...truth.values()].map((record) => record.key)).filter(
          () => random() < 0.5,
        )
        let after: RowsQuery['after'] = null
        for (let page = 0; page < 12; page++) {
          const query: RowsQuery = {
            ...EVERYTHING,
            vector,
            after,
            resume: `round ${round}`,
            // Pages of any size, some of them filtered.
            k: 1 + Math.floor(random() * 300),
            keys: page % 3 === 2 ? async () => keys : null,
          }
          const among = query.keys === null ? truth : having(truth, keys)
          const wanted = naiveHits(among, query)
          const { hits, levels } = await generation.search(query)
          assert.deepEqual(hits, wanted, `seed ${seed}, round ${round}, page ${page}`)
          // Those with a filter may be gathered.
          if (query.keys === null) {
            prefixes.push(levels.find(({ name }) => name === 'prefix')?.candidates ?? -1)
          }
          after = hits.at(-1) ?? after
          if (round % 2 === 1 && random() < 0.3) change(generation, truth, vectors, random, key++)
        }
      }
      const quiet = prefixes.slice(0, 8)
      assert.ok(quiet[0]! > 0, 'the first page makes the bounds')
      assert.deepEqual(new Set(quiet.slice(1)), new Set([0]), 'later pages go on with them')
    } finally {
      await close()
    }
  })
}

test('a generation that is filled with rows of a file codes them at the end, once, and answers as a naive scan', async () => {
  const seed = 60
  const random = seededRandom(seed)
  const { generation, rows, close } = opened('codes')
  const vectors = HARD_SETS.clustered!(random, 9000, DIMENSIONS)
  const truth: Truth = new Map()
  const put = async (i: number, key: number) => {
    const id = `r${i}`
    await generation.reserve(1)
    generation.put({
      key,
      id,
      vector: vectors[key % vectors.length]!,
      replacedKey: truth.get(id)?.key ?? null,
    })
    truth.set(id, { key, vector: vectors[key % vectors.length]! })
  }
  try {
    generation.beginFilling(vectors.length)
    for (const i of vectors.keys()) {
      await put(i, i + 1)
      // Some are written again before their turn, some when they are in the file.
      if (random() < 0.1) await put(Math.floor(random() * (i + 1)), 10_000 + i)
    }
    const query = { ...EVERYTHING, vector: vectors[5]! }
    const before = await generation.search(query)
    assert.deepEqual(before.hits, naiveHits(truth, query), `seed ${seed}, while it is filled`)
    assert.deepEqual(
      before.levels.map(({ name }) => name),
      ['float32', 'float64'],
      'no codes yet',
    )
    await generation.filled()
    assert.ok(rows instanceof StoredRows)
    assert.ok(rows.resident < 1024, `${rows.resident} rows are left in memory`)
    for (let i = 0; i < 20; i++) {
      const asked = { ...EVERYTHING, vector: vectors[Math.floor(random() * vectors.length)]! }
      const { hits, levels } = await generation.search(asked)
      assert.deepEqual(hits, naiveHits(truth, asked), `seed ${seed}, query ${i}`)
      assert.ok(
        levels.some(({ name }) => name === 'codes'),
        'all have codes',
      )
    }
  } finally {
    await close()
  }
})

function having(truth: Truth, keys: Float64Array): Truth {
  const some = new Set(keys)
  return new Map([...truth].filter(([, record]) => some.has(record.key)))
}

const HARD = ['one ulp apart', 'huge norms', 'tiny norms'].flatMap((set) => {
  return VECTOR_MEMORIES.map((kept) => ({ set, kept }))
})

for (const { set, kept } of HARD) {
  test(`after deletes and reinsertion the answers are those of a naive scan: ${set}, ${kept} in memory`, async () => {
    const seed = 70
    const random = seededRandom(seed)
    const { generation, close } = opened(kept)
    const vectors = HARD_SETS[set]!(random, 2600, DIMENSIONS)
    const truth: Truth = new Map()
    const put = async (i: number, key: number) => {
      const id = `r${i}`
      await generation.reserve(1)
      generation.put({ key, id, vector: vectors[i]!, replacedKey: truth.get(id)?.key ?? null })
      truth.set(id, { key, vector: vectors[i]! })
    }
    try {
      for (const i of vectors.keys()) await put(i, i + 1)
      await generation.coded()
      for (const [id, { key }] of [...truth]) {
        if (random() < 0.7) continue
        generation.delete([key])
        truth.delete(id)
      }
      for (const i of vectors.keys()) if (random() < 0.2) await put(i, 10_000 + i)
      await generation.coded()
      for (let i = 0; i < 6; i++) {
        const query = { ...EVERYTHING, vector: vectors[Math.floor(random() * vectors.length)]! }
        const edge = naiveHits(truth, query)[7]!.distance
        for (const radius of [edge, edge * (1 + 2 ** -52), edge * (1 - 2 ** -53)]) {
          for (const k of [3, 3000]) {
            const asked = { ...query, radius, k }
            const { hits } = await generation.search(asked)
            assert.deepEqual(hits, naiveHits(truth, asked), `seed ${seed}, radius ${radius}`)
          }
        }
      }
    } finally {
      await close()
    }
  })
}
