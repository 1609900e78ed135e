import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Hit } from '../../../../src/engine/embedded/search/hits.ts'
import { type Random, seededRandom } from '../../../../src/vector/random.ts'
import {
  EVERYTHING,
  type GenerationUnderTest,
  type RowsAnswer,
  type RowsQuery,
} from '../../../support/generation-under-test.ts'
import { naiveHits, type Truth } from '../../../support/naive-search.ts'
import { type OpenedGeneration, openGeneration } from '../../../support/open-generation.ts'
import { HARD_SETS } from '../../../support/random-vectors.ts'

const DIMENSIONS = 48
const APPROXIMATELY = { ...EVERYTHING, accuracy: 'approximate' } as const

class Records {
  readonly truth: Truth = new Map()
  readonly random: Random
  readonly #generation: GenerationUnderTest
  readonly #vectors: readonly Float32Array[]
  #key = 0

  constructor(generation: GenerationUnderTest, random: Random) {
    this.#generation = generation
    this.random = random
    this.#vectors = HARD_SETS.clustered!(random, 4000, DIMENSIONS)
  }

  /** Adds a record, or replaces the one that is there. */
  put(id: string): void {
    const key = ++this.#key
    const vector = this.#vectors[key % this.#vectors.length]!
    const replacedKey = this.truth.get(id)?.key ?? null
    this.#generation.put({ key, id, vector, replacedKey })
    this.truth.set(id, { key, vector })
  }

  delete(id: string): void {
    this.#generation.delete([this.truth.get(id)!.key])
    this.truth.delete(id)
  }

  /** Any id, of a record or not. */
  anyId(): string {
    return `r${Math.floor(this.random() * 3000)}`
  }

  change(): void {
    const id = this.anyId()
    if (this.truth.has(id) && this.random() < 0.4) this.delete(id)
    else this.put(id)
  }

  aVector(): Float32Array {
    const vector = this.#vectors[Math.floor(this.random() * this.#vectors.length)]!
    return vector.map((value) => value + 0.005 * (this.random() - 0.5))
  }
}

async function withGeneration(
  graphFrom: number,
  use: (opened: OpenedGeneration, records: Records, seed: string) => Promise<void>,
): Promise<void> {
  const seed = 71
  const opened = openGeneration(DIMENSIONS, { graphFrom })
  try {
    await use(opened, new Records(opened.generation, seededRandom(seed)), `seed ${seed}`)
  } finally {
    await opened.close()
  }
}

/** Until the graph has every record of now, and nothing else is under way. */
async function settled({ generation }: OpenedGeneration): Promise<void> {
  for (;;) {
    const { graph } = generation
    assert.notEqual(graph.kind, 'failed')
    if (graph.kind === 'ready' && graph.fresh === 0 && graph.rebuilding === null) return
    await new Promise(setImmediate)
  }
}

function isReady({ graph }: GenerationUnderTest): boolean {
  return graph.kind === 'ready'
}

function ids(hits: readonly Hit[]): string[] {
  return hits.map(({ id }) => id)
}

function recall({ hits }: RowsAnswer, wanted: readonly Hit[]): number {
  const found = new Set(ids(hits))
  return wanted.filter(({ id }) => found.has(id)).length / wanted.length
}

/** Records that are there, at their distances of now, in order. */
function assertHonest(answer: RowsAnswer, records: Records, query: RowsQuery, seed: string) {
  const all = naiveHits(records.truth, { ...query, k: Number.POSITIVE_INFINITY })
  const byId = new Map(all.map((hit) => [hit.id, hit]))
  const places = answer.hits.map(({ id }) => all.findIndex((hit) => hit.id === id))
  assert.deepEqual(
    answer.hits.map(({ id }) => byId.get(id)),
    answer.hits,
    seed,
  )
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
    seed,
  )
  assert.equal(answer.hits.length, Math.min(query.k, all.length), seed)
}

test('under writes, deletes and replacements the graph answers with records that are there, at their canonical distances', async () => {
  await withGeneration(500, async (opened, records, seed) => {
    const { generation } = opened
    for (let i = 0; i < 1500; i++) records.change()
    generation.filled()
    await settled(opened)
    const recalls: number[] = []
    for (let i = 0; i < 150; i++) {
      for (let j = 0; j < 20; j++) records.change()
      const query = { ...APPROXIMATELY, vector: records.aVector(), k: [1, 10, 60][i % 3]! }
      // Some while the graph catches up, some after it has.
      if (i % 2 === 0) await settled(opened)
      const begun = new Map(records.truth)
      const wanted = naiveHits(begun, query)
      const answer = generation.search(query)
      if (i % 5 === 0) await answer
      else records.change()
      const { plan, exact } = await answer
      assert.equal(plan, 'graph')
      assert.equal(exact, false)
      assertHonest(await answer, { truth: begun } as Records, query, seed)
      recalls.push(recall(await answer, wanted))
    }
    const mean = recalls.reduce((a, b) => a + b) / recalls.length
    assert.ok(mean >= 0.95, `${seed}: recall ${mean}`)
  })
})

test('while the first graph is made, searches are exact and say why', async () => {
  await withGeneration(500, async (opened, records) => {
    const { generation } = opened
    for (let i = 0; i < 3000; i++) records.put(`r${i}`)
    generation.filled()
    let asked = 0
    while (!isReady(generation)) {
      records.change()
      const query = { ...APPROXIMATELY, vector: records.aVector() }
      const wanted = naiveHits(records.truth, query)
      const ready = isReady(generation)
      const answer = await generation.search(query)
      if (ready) break
      assert.equal(answer.exact, true)
      assert.equal(answer.plan, 'scan while the graph is not ready')
      assert.deepEqual(answer.hits, wanted)
      asked++
    }
    assert.ok(asked > 3, `only ${asked} searches met the building`)
    await settled(opened)
    for (const [id, { vector }] of [...records.truth].slice(0, 200)) {
      const [nearest] = (await generation.search({ ...APPROXIMATELY, vector, k: 1 })).hits
      assert.equal(nearest?.distance, 0, `${id} was put or replaced while the graph was made`)
    }
  })
})

test('a deleted record is gone at once, and a new one found at once', async () => {
  await withGeneration(500, async (opened, records) => {
    const { generation } = opened
    for (let i = 0; i < 1000; i++) records.put(`r${i}`)
    generation.filled()
    await settled(opened)
    for (let i = 0; i < 50; i++) {
      const vector = records.truth.get(`r${i}`)!.vector
      records.delete(`r${i}`)
      const { hits, plan } = await generation.search({ ...APPROXIMATELY, vector, k: 50 })
      assert.equal(plan, 'graph')
      assert.ok(!ids(hits).includes(`r${i}`))
      records.put(`new${i}`)
      const added = records.truth.get(`new${i}`)!.vector
      const after = await generation.search({ ...APPROXIMATELY, vector: added, k: 1000 })
      assert.ok(ids(after.hits).includes(`new${i}`))
    }
    // More than the graph takes up at once, and asked in the turn in which they were put.
    for (let i = 0; i < 400; i++) records.put(`fresh${i}`)
    const fresh = records.truth.get('fresh399')!.vector
    const at = await generation.search({ ...APPROXIMATELY, vector: fresh, k: 1 })
    assert.deepEqual([at.plan, at.hits[0]?.distance], ['graph', 0])
  })
})

test('when a fifth has ended the graph is made anew, without them', async () => {
  await withGeneration(500, async (opened, records) => {
    const { generation } = opened
    for (let i = 0; i < 1500; i++) records.put(`r${i}`)
    generation.filled()
    await settled(opened)
    for (let i = 0; i < 280; i++) records.delete(`r${i}`)
    await settled(opened)
    assert.deepEqual(generation.graph, {
      kind: 'ready',
      records: 1220,
      fresh: 0,
      dead: 280,
      rebuilding: null,
    })
    for (let i = 280; i < 320; i++) records.delete(`r${i}`)
    while (generation.graph.kind === 'ready' && generation.graph.dead > 0) {
      const query = { ...APPROXIMATELY, vector: records.aVector() }
      assert.equal(
        (await generation.search(query)).plan,
        'graph',
        'the old graph answers meanwhile',
      )
    }
    assert.ok(
      generation.graph.kind === 'ready' && generation.graph.fresh === 0,
      'it came when it was done',
    )
    await settled(opened)
    assert.deepEqual(generation.graph, {
      kind: 'ready',
      records: 1180,
      fresh: 0,
      dead: 0,
      rebuilding: null,
    })
  })
})

test('a record that is deleted while it is on its way into the graph counts as ended there', async () => {
  await withGeneration(500, async (opened, records) => {
    const { generation } = opened
    for (let i = 0; i < 600; i++) records.put(`r${i}`)
    generation.filled()
    await settled(opened)
    records.put('brief')
    records.delete('brief')
    records.put('after')
    await settled(opened)
    assert.deepEqual(generation.graph, {
      kind: 'ready',
      records: 601,
      fresh: 0,
      dead: 1,
      rebuilding: null,
    })
  })
})

test('a graph is made anew when that is asked for', async () => {
  await withGeneration(500, async (opened, records) => {
    const { generation, graph } = opened
    for (let i = 0; i < 600; i++) records.put(`r${i}`)
    generation.filled()
    await settled(opened)
    records.delete('r0')
    graph!.rebuild()
    await settled(opened)
    assert.deepEqual(generation.graph, {
      kind: 'ready',
      records: 599,
      fresh: 0,
      dead: 0,
      rebuilding: null,
    })
  })
})

test('a collection below the size has no graph, and loses it when it falls below', async () => {
  await withGeneration(500, async (opened, records) => {
    const { generation } = opened
    for (let i = 0; i < 499; i++) records.put(`r${i}`)
    generation.filled()
    assert.deepEqual(generation.graph, { kind: 'none', reason: 'fewer than 500 records' })
    records.put('r499')
    await settled(opened)
    for (let i = 0; i < 200; i++) records.delete(`r${i}`)
    while (generation.graph.kind !== 'none') await new Promise(setImmediate)
    const query = { ...APPROXIMATELY, vector: records.aVector() }
    assert.deepEqual((await generation.search(query)).hits, naiveHits(records.truth, query))
  })
})

test('what the graph cannot answer is answered exactly: places to go on from, many of the nearest', async () => {
  await withGeneration(500, async (opened, records, seed) => {
    const { generation } = opened
    for (let i = 0; i < 2000; i++) records.put(`r${i}`)
    generation.filled()
    await settled(opened)
    const query = { ...APPROXIMATELY, vector: records.aVector() }
    const place = naiveHits(records.truth, query).at(-1)!
    const cases: RowsQuery[] = [
      { ...query, k: 1500 },
      { ...query, after: place },
      { ...query, k: Number.POSITIVE_INFINITY, radius: place.distance },
    ]
    for (const asked of cases) {
      const answer = await generation.search(asked)
      assert.equal(answer.exact, true)
      assert.equal(answer.plan, 'scan as the graph cannot answer this')
      assert.deepEqual(answer.hits, naiveHits(records.truth, asked), seed)
    }
  })
})

test('k within a radius, without some: the graph leaves out what it should', async () => {
  await withGeneration(500, async (opened, records, seed) => {
    const { generation } = opened
    for (let i = 0; i < 1000; i++) records.put(`r${i}`)
    generation.filled()
    await settled(opened)
    for (let i = 0; i < 50; i++) {
      const vector = records.aVector()
      const nearest = naiveHits(records.truth, { ...APPROXIMATELY, vector })
      const query = { ...APPROXIMATELY, vector, without: ids(nearest.slice(0, 3)) }
      const radius = nearest[6]!.distance
      const within = await generation.search({ ...query, radius })
      const wanted = naiveHits(records.truth, { ...query, radius })
      assert.equal(within.plan, 'graph')
      assert.ok(recall(within, wanted) >= 0.5, seed)
      assert.ok(
        within.hits.every((hit) => hit.distance <= radius && !query.without.includes(hit.id)),
      )
      assertHonest(await generation.search(query), records, query, seed)
    }
  })
})
