import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveRecall } from '../../../../src/engine/embedded/search/live-recall.ts'
import type { FilterBand } from '../../../../src/index/planner/search-facts.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { EVERYTHING, type RowsQuery } from '../../../support/generation-under-test.ts'
import { naiveHits, type Truth } from '../../../support/naive-search.ts'
import { type OpenedGeneration, openGeneration } from '../../../support/open-generation.ts'
import { HARD_SETS } from '../../../support/random-vectors.ts'

const RECORDS = 3000
const DIMENSIONS = 32
const SEED = 77
/** So that the graph pays as soon as it can answer at all. */
const GRAPH_COSTS_NOTHING = { graphCalls: 0, visited: 0, judged: 0, decided: 0 }

type Options = Parameters<typeof openGeneration>[1]

/** A generation whose graph is ready, and what is in it. */
async function withGraph(
  options: Options,
  use: (opened: OpenedGeneration, truth: Truth, vectors: readonly Float32Array[]) => Promise<void>,
): Promise<void> {
  const opened = openGeneration(DIMENSIONS, { graphFrom: 500, ...options })
  const { generation } = opened
  const vectors = HARD_SETS.clustered!(seededRandom(SEED), RECORDS, DIMENSIONS)
  const truth: Truth = new Map()
  try {
    for (const [i, vector] of vectors.entries()) {
      generation.put({ key: i + 1, id: `r${i}`, vector, replacedKey: null })
      truth.set(`r${i}`, { key: i + 1, vector })
    }
    generation.filled()
    while (generation.graph.kind !== 'ready' || generation.graph.fresh > 0) {
      await new Promise(setImmediate)
    }
    await use(opened, truth, vectors)
  } finally {
    await opened.close()
  }
}

/** Searches until the graph answers what is left to the planner: its recall is measured by then. */
async function graphTrusted(
  generation: OpenedGeneration['generation'],
  vectors: readonly Float32Array[],
): Promise<void> {
  for (let i = 0; generation.plan !== 'graph'; i++) {
    assert.ok(i < vectors.length, JSON.stringify(generation.recall))
    await generation.search({ ...EVERYTHING, vector: vectors[i]! })
    await new Promise(setImmediate)
  }
}

function someOf(truth: Truth, allowed: (id: string) => boolean) {
  const some: Truth = new Map([...truth].filter(([id]) => allowed(id)))
  const keys = Float64Array.from([...some.values()].map(({ key }) => key))
  return { some, keys: async () => keys }
}

test('a graph that is asked with a filter never comes back short, whatever the filter lets through', async () => {
  await withGraph({ costs: GRAPH_COSTS_NOTHING }, async ({ generation }, truth, vectors) => {
    const random = seededRandom(SEED)
    const plans = new Set<string>()
    for (const share of [1, 0.5, 0.1, 0.03, 0.01, 0.001]) {
      const { some, keys } = someOf(truth, () => random() < share)
      for (const k of [1, 10, 100]) {
        const vector = vectors[Math.floor(random() * RECORDS)]!
        const query = { ...EVERYTHING, vector, k, keys, accuracy: 'approximate' } as const
        const answer = await generation.search(query)
        const all = naiveHits(some, { ...query, k: RECORDS })
        const what = `seed ${SEED}, share ${share}, k ${k}, ${answer.plan}`
        assert.equal(answer.hits.length, Math.min(k, all.length), what)
        const distances = new Map(all.map(({ id, distance }) => [id, distance]))
        for (const hit of answer.hits) assert.equal(hit.distance, distances.get(hit.id), what)
        if (answer.exact) assert.deepEqual(answer.hits, all.slice(0, k), what)
        plans.add(answer.plan)
      }
    }
    assert.ok(plans.has('filtered graph'), [...plans].join(', '))
    assert.ok(plans.has('gather'), [...plans].join(', '))
  })
})

test('a filtered answer is whole also while records come and go, and tells of the moment it was asked', async () => {
  await withGraph({ costs: GRAPH_COSTS_NOTHING }, async ({ generation }, truth, vectors) => {
    const random = seededRandom(SEED)
    const plans = new Set<string>()
    let key = RECORDS
    const change = () => {
      const id = `r${Math.floor(random() * RECORDS)}`
      const old = truth.get(id)
      if (old !== undefined && random() < 0.5) {
        generation.delete([old.key])
        truth.delete(id)
        return
      }
      const vector = vectors[Math.floor(random() * RECORDS)]!
      generation.put({ key: ++key, id, vector, replacedKey: old?.key ?? null })
      truth.set(id, { key, vector })
    }
    for (const share of [1, 0.6, 0.3, 0.1, 0.03, 0.01]) {
      for (const k of [1, 5, 20, 60]) {
        for (let i = 0; i < 5; i++) change()
        const { some, keys } = someOf(truth, () => random() < share)
        const vector = vectors[Math.floor(random() * RECORDS)]!
        const query = { ...EVERYTHING, vector, k, keys, accuracy: 'approximate' } as const
        const all = naiveHits(some, { ...query, k: RECORDS })
        const answering = generation.search(query)
        // What ends meanwhile keeps the graph from answering: that is another case.
        for (let i = 0; i < 5 && k === 60; i++) change()
        const { hits, plan } = await answering
        const what = `seed ${SEED}, share ${share}, k ${k}, ${plan}`
        assert.equal(hits.length, Math.min(k, all.length), what)
        const distances = new Map(all.map(({ id, distance }) => [id, distance]))
        for (const hit of hits) assert.equal(hit.distance, distances.get(hit.id), what)
        plans.add(plan)
      }
    }
    assert.ok(plans.has('filtered graph'), [...plans].join(', '))
  })
})

test('where the filter lets through only what is far, the graph finds too few and a scan answers', async () => {
  await withGraph({ costs: GRAPH_COSTS_NOTHING }, async ({ generation }, truth, vectors) => {
    const query = { ...EVERYTHING, vector: vectors[0]!, accuracy: 'approximate' } as const
    const farthest = naiveHits(truth, { ...query, k: RECORDS }).slice(-RECORDS / 5)
    const far = new Set(farthest.map(({ id }) => id))
    const { some, keys } = someOf(truth, (id) => far.has(id))
    const answer = await generation.search({ ...query, keys })
    assert.match(answer.plan, /after a graph that found too few$/)
    assert.equal(answer.exact, true)
    assert.deepEqual(answer.hits, naiveHits(some, query))
  })
})

test('auto is exact within the latency budget; beyond it the graph answers, but never a page', async () => {
  const asked = (vector: Float32Array): RowsQuery => ({ ...EVERYTHING, vector })
  await withGraph({ latencyBudgetMs: 1000 }, async ({ generation }, truth, vectors) => {
    const query = asked(vectors[1]!)
    assert.deepEqual((await generation.search(query)).hits, naiveHits(truth, query))
    assert.equal(generation.plan, 'scan')
  })
  const hurried = { latencyBudgetMs: 0, costs: GRAPH_COSTS_NOTHING }
  await withGraph(hurried, async ({ generation }, truth, vectors) => {
    const query = asked(vectors[1]!)
    await graphTrusted(generation, vectors)
    const answer = await generation.search(query)
    assert.equal(answer.plan, 'graph')
    assert.equal(answer.exact, false)
    const page = await generation.search({ ...query, paged: true })
    assert.equal(page.exact, true)
    assert.deepEqual(page.hits, naiveHits(truth, query))
  })
})

test('queries of late are answered again, and what the graph found of the exact answer is told', async () => {
  await withGraph({}, async ({ generation, graph }, truth, vectors) => {
    const random = seededRandom(SEED)
    const { keys } = someOf(truth, () => random() < 0.4)
    assert.equal(generation.recall.length, 0)
    assert.equal(await generation.measureRecall(), false)
    let measured = 0
    for (let i = 0; i < 120; i++) {
      const vector = vectors[Math.floor(random() * RECORDS)]!.map((x) => x + 0.1 * random())
      await generation.search({ ...EVERYTHING, vector, keys: i % 4 === 0 ? keys : null })
      if (await generation.measureRecall()) measured++
    }
    assert.equal(measured, 120)
    const [all, filtered] = generation.recall
    assert.deepEqual([all?.filter, filtered?.filter], ['all', '>10%'])
    assert.equal(all!.queries + filtered!.queries, 120)
    for (const { recall, low, high } of generation.recall) {
      assert.ok(0.9 <= recall && recall <= 1, `seed ${SEED}: ${recall}`)
      assert.ok(low <= recall && recall <= high)
    }
    // By hand, without the window and the interval.
    let found = 0
    for (let i = 0; i < 50; i++) {
      const vector = vectors[Math.floor(random() * RECORDS)]!.map((x) => x + 0.1 * random())
      const query = { ...EVERYTHING, vector }
      const near = new Set(naiveHits(truth, query).map(({ key }) => key))
      const { keys: versions } = await graph!.search(vector, 10, all!.ef)
      for (const key of versions) if (near.has(key)) found++
    }
    const byHand = found / 500
    assert.ok(Math.abs(byHand - all!.recall) < 0.05, `seed ${SEED}: ${byHand}, ${all!.recall}`)
  })
})

test('before the recall of the graph is known, in each filter band, auto is exact and says why; the searches measure it', async () => {
  const hurried = { latencyBudgetMs: 0, costs: GRAPH_COSTS_NOTHING }
  await withGraph(hurried, async ({ generation }, truth, vectors) => {
    const random = seededRandom(SEED)
    const { some, keys } = someOf(truth, () => random() < 0.4)
    for (const [filter, among] of [
      [null, truth],
      [keys, some],
    ] as const) {
      let exactly = 0
      for (let i = 0; ; i++) {
        const query = { ...EVERYTHING, vector: vectors[i]!, keys: filter }
        const { hits, exact, plan } = await generation.search(query)
        if (!exact) break
        exactly++
        assert.deepEqual(hits, naiveHits(among, query), `seed ${SEED}`)
        assert.match(plan, /while the recall of the graph is not known$/)
        assert.ok(i < 1000, JSON.stringify(generation.recall))
        await new Promise(setImmediate)
      }
      assert.ok(exactly >= 50, `${exactly} were exact`)
    }
    for (const { queries } of generation.recall) assert.ok(queries >= 50)
  })
})

const TARGET = 0.95
const CLOCK = { now: 0 }
const GRAPH = { graph: 1, changes: 1000, records: 1000 }

function recallOf(recallTarget = TARGET): LiveRecall {
  return new LiveRecall({ recallTarget, random: seededRandom(SEED), clock: () => CLOCK.now })
}

/** Tells it of a search whose graph found so many of ten. */
function learn(recall: LiveRecall, found: number, graph = GRAPH, band: FilterBand = 'all') {
  const exact = Float64Array.from({ length: 10 }, (_, i) => i)
  return recall.learn(band, graph, exact.slice(0, found), exact)
}

test('a target that the longest list misses is told, till the graph is another', () => {
  const recall = recallOf()
  const steps = Array.from({ length: 400 }, () => learn(recall, 5))
  assert.equal(steps.filter((step) => step === 'up').length, 8)
  assert.equal(steps.at(-1), 'out of reach')
  assert.equal(recall.standing('all', GRAPH), 'missed')
  assert.equal(recall.standing('>10%', GRAPH), 'unknown')
  assert.deepEqual(recall.measured(GRAPH)[0]?.recall, 0.5)
  assert.equal(recall.takeRebuild(1000, 1000), true)
  assert.equal(recall.standing('all', GRAPH), 'missed', 'the old graph is no better meanwhile')
  const next = { ...GRAPH, graph: 2 }
  assert.equal(recall.standing('all', next), 'unknown')
  assert.deepEqual(recall.measured(next), [])
  // A graph of almost the same records would be no better.
  for (let i = 0; i < 400; i++) learn(recall, 5, next)
  assert.equal(recall.standing('all', next), 'missed')
  assert.equal(recall.takeRebuild(1200, 1000), false)
  assert.equal(recall.takeRebuild(1201, 1000), true)
})

test('fifty searches that reach the target on the mean are enough to trust the graph, and fewer are not', () => {
  for (const [found, standing] of [
    [10, 'kept'],
    [9, 'unknown'],
  ] as const) {
    const recall = recallOf()
    for (let i = 0; i < 49; i++) learn(recall, i === 0 ? 10 : found)
    assert.notEqual(recall.standing('all', GRAPH), 'kept')
    learn(recall, 10)
    assert.equal(recall.standing('all', GRAPH) === 'kept', standing === 'kept')
    for (const other of ['>10%', '<=10%', '<=1%', '<=0.1%'] as const) {
      assert.equal(recall.standing(other, GRAPH), 'unknown', 'each band is measured by itself')
    }
  }
})

test('a graph is never trusted while its interval, or its mean, lies below the target', () => {
  const random = seededRandom(SEED)
  const recall = recallOf()
  const seen = new Set<string>()
  for (let i = 0; i < 3000; i++) {
    const failing = [0, 0.02, 0.4][Math.floor(i / 300) % 3]!
    const step = learn(recall, random() < failing ? 0 : 10)
    const [measured] = recall.measured(GRAPH)
    const standing = recall.standing('all', GRAPH)
    seen.add(standing)
    if (step === 'up' || step === 'down') {
      assert.equal(standing, 'unknown', 'what another list finds is not known')
    }
    if (standing !== 'kept') continue
    assert.ok(measured !== undefined && measured.queries >= 50, `seed ${SEED}`)
    assert.ok(measured.high >= TARGET && measured.recall >= TARGET, `seed ${SEED}`)
  }
  assert.ok(seen.has('kept') && seen.has('unknown') && seen.has('missed'), [...seen].join(', '))
})

test('what was measured is forgotten after an hour, and when a tenth of the graph came or ended since', () => {
  const trusted = () => {
    const recall = recallOf()
    for (let i = 0; i < 60; i++) learn(recall, 10)
    assert.equal(recall.standing('all', GRAPH), 'kept')
    return recall
  }
  const old = trusted()
  CLOCK.now += 3_600_001
  assert.equal(old.standing('all', GRAPH), 'unknown')
  assert.equal(old.wantsMore('all', GRAPH), true)
  const grown = trusted()
  assert.equal(grown.standing('all', { ...GRAPH, changes: 1100, records: 1000 }), 'kept')
  assert.equal(grown.standing('all', { ...GRAPH, changes: 1101, records: 1000 }), 'unknown')
  assert.deepEqual(grown.measured({ ...GRAPH, changes: 1101 }), [])
})

test('searches are answered twice until a hundred were, and then for a fiftieth of the time', () => {
  const recall = recallOf()
  /** Of a hundred searches. */
  const wanted = () =>
    Array.from({ length: 100 }, () => recall.wantsMore('all', GRAPH)).filter(Boolean).length
  for (let i = 0; i < 50; i++) {
    assert.equal(wanted(), 100)
    learn(recall, 10)
    recall.spent(3)
  }
  for (let i = 50; i < 100; i++) {
    assert.ok(Math.abs(wanted() - 50) < 25, 'every other at random, once the graph answers')
    learn(recall, 10)
    recall.spent(3)
  }
  assert.equal(wanted(), 0)
  CLOCK.now += 146
  assert.equal(wanted(), 0)
  CLOCK.now += 1
  assert.ok(wanted() > 25)
})
