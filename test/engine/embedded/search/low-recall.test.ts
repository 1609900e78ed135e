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

test('a graph whose measured recall is too low is made anew, answers meanwhile, and is trusted again', async () => {
  await withForgetful(false, async (generation, truth, measureUntil) => {
    const query = { ...EVERYTHING, vector: truth.get('r9')!.vector }
    assert.equal((await generation.search(query)).plan, 'graph')
    await measureUntil(() => deadIn(generation.graph) !== 1)
    assert.equal((await generation.search(query)).hits.length, 10)
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
    await measureUntil(() => generation.plan === 'scan')
    assert.equal(deadIn(generation.graph), 1)
    const query = { ...EVERYTHING, vector: truth.get('r9')!.vector }
    const { hits, exact } = await generation.search(query)
    assert.equal(exact, true)
    assert.deepEqual(hits, naiveHits(truth, query))
    assert.equal((await generation.search({ ...query, accuracy: 'approximate' })).plan, 'graph')
  })
})
