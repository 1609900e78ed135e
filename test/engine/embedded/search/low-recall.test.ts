import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GraphState } from '../../../../src/index/graph/approximate-index.ts'
import { type Random, seededRandom } from '../../../../src/vector/random.ts'
import { ForgetfulGraph } from '../../../support/forgetful-graph.ts'
import { EVERYTHING } from '../../../support/generation-under-test.ts'
import { fill, graphRecords, graphSettled } from '../../../support/graph-records.ts'
import { naiveHits, type Truth } from '../../../support/naive-search.ts'
import { type OpenedGeneration, openGeneration } from '../../../support/open-generation.ts'

const RECORDS = 1500
const DIMENSIONS = 24
const SEED = 31
/** Measurements within which every candidate list has been tried. */
const MOST = 600
const GRAPH_COSTS_NOTHING = { graphCalls: 0, visited: 0, judged: 0, decided: 0 }

/** A generation whose graph finds every other record only, and measurements of its recall one after the other. */
async function withForgetful(
  forEver: boolean,
  use: (
    generation: OpenedGeneration['generation'],
    truth: Truth,
    measureUntil: (isSo: () => boolean) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const { generation, close } = openGeneration(DIMENSIONS, {
    graphFrom: 500,
    latencyBudgetMs: 0,
    costs: GRAPH_COSTS_NOTHING,
    wrapGraph: (graph) => new ForgetfulGraph(graph, forEver),
  })
  const truth = graphRecords(RECORDS, DIMENSIONS)
  const random = seededRandom(SEED)
  try {
    fill(generation, truth)
    await graphSettled(generation)
    remove(generation, truth, 'r0')
    await graphSettled(generation)
    assert.equal(deadIn(generation.graph), 1)
    await use(generation, truth, async (isSo) => {
      for (let i = 0; !isSo(); i++) {
        assert.ok(
          i < MOST,
          `seed ${SEED}: ${JSON.stringify([generation.recall, generation.graph])}`,
        )
        const query = { ...EVERYTHING, vector: aVector(truth, random) }
        await generation.search({ ...query, accuracy: 'approximate' })
        await generation.measureRecall()
      }
    })
  } finally {
    await close()
  }
}

function remove(generation: OpenedGeneration['generation'], truth: Truth, id: string): void {
  generation.delete([truth.get(id)!.key])
  truth.delete(id)
}

function aVector(truth: Truth, random: Random): Float32Array {
  const { vector } = truth.get(`r${1 + Math.floor(random() * (RECORDS - 100))}`)!
  return vector.map((value) => value + 0.01 * random())
}

function deadIn(graph: GraphState): number | null {
  return graph.kind === 'ready' && graph.rebuilding === null ? graph.dead : null
}

test('a graph that finds too little never answers what is left to the planner: before, while and after it is measured', async () => {
  await withForgetful(true, async (generation, truth) => {
    const random = seededRandom(SEED + 1)
    const told = { unknown: 0, missed: 0 }
    for (let i = 0; told.missed < 50; i++) {
      const query = { ...EVERYTHING, vector: aVector(truth, random) }
      const { hits, exact, plan } = await generation.search(query)
      assert.equal(exact, true, `seed ${SEED}, query ${i}`)
      assert.deepEqual(hits, naiveHits(truth, query), `seed ${SEED}, query ${i}`)
      if (plan.endsWith('while the recall of the graph is not known')) told.unknown++
      if (plan.endsWith('as the graph misses its recall target')) told.missed++
      assert.ok(i < 3000, JSON.stringify([told, generation.recall]))
      await new Promise(setImmediate)
    }
    assert.ok(told.unknown >= 20)
    assert.ok(generation.recall[0]!.high < 0.95)
  })
})

test('a graph whose measured recall is too low is made anew, and the next is trusted once it is measured', async () => {
  await withForgetful(false, async (generation, truth, measureUntil) => {
    const query = { ...EVERYTHING, vector: truth.get('r9')!.vector }
    assert.equal((await generation.search({ ...query, accuracy: 'approximate' })).plan, 'graph')
    await measureUntil(() => deadIn(generation.graph) !== 1)
    assert.equal((await generation.search(query)).exact, true)
    await graphSettled(generation)
    assert.equal(deadIn(generation.graph), 0)
    await measureUntil(() => (generation.recall[0]?.queries ?? 0) > 50)
    assert.ok(generation.recall[0]!.recall > 0.95, `seed ${SEED}: ${generation.recall[0]!.recall}`)
    assert.equal((await generation.search(query)).plan, 'graph')
  })
})

test('where that does not help, auto is exact, and the graph of the same records is not made once more', async () => {
  await withForgetful(true, async (generation, truth, measureUntil) => {
    await measureUntil(() => deadIn(generation.graph) === 0)
    remove(generation, truth, 'r1400')
    const plan = /the graph misses its recall target/
    const query = { ...EVERYTHING, vector: truth.get('r9')!.vector }
    for (let missed = false; !missed; ) {
      await measureUntil(() => (generation.recall[0]?.queries ?? 0) >= 20)
      missed = plan.test((await generation.search(query)).plan)
      await generation.search({ ...query, accuracy: 'approximate' })
      await generation.measureRecall()
    }
    assert.equal(deadIn(generation.graph), 1)
    const { hits, exact } = await generation.search(query)
    assert.equal(exact, true)
    assert.deepEqual(hits, naiveHits(truth, query))
    const approximate = await generation.search({ ...query, accuracy: 'approximate' })
    assert.deepEqual([approximate.plan, approximate.exact], ['graph', false])
  })
})
