import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GraphState } from '../../../../src/index/graph/approximate-index.ts'
import { type Random, seededRandom } from '../../../../src/vector/random.ts'
import { ForgetfulGraph } from '../../../support/forgetful-graph.ts'
import { fill, graphRecords, graphSettled } from '../../../support/graph-records.ts'
import { naiveHits, type Truth } from '../../../support/naive-gallery.ts'
import { EVERYTHING, type OpenedGallery, openGallery } from '../../../support/open-gallery.ts'

const RECORDS = 1500
const DIMENSIONS = 24
const SEED = 31
/** Measurements within which every candidate list has been tried. */
const MOST = 600
const GRAPH_COSTS_NOTHING = { graphCalls: 0, visited: 0, judged: 0, decided: 0 }

/** A gallery whose graph finds every other record only, and measurements of its recall one after the other. */
async function withForgetful(
  forEver: boolean,
  use: (
    gallery: OpenedGallery['gallery'],
    truth: Truth,
    measureUntil: (isSo: () => boolean) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const { gallery, close } = openGallery(DIMENSIONS, {
    ...{ graphFrom: 500, latencyBudgetMs: 0, costs: GRAPH_COSTS_NOTHING },
    wrapGraph: (graph) => new ForgetfulGraph(graph, forEver),
  })
  const truth = graphRecords(RECORDS, DIMENSIONS)
  const random = seededRandom(SEED)
  try {
    fill(gallery, truth)
    await graphSettled(gallery)
    remove(gallery, truth, 'r0')
    await graphSettled(gallery)
    assert.equal(deadIn(gallery.graph), 1)
    await use(gallery, truth, async (isSo) => {
      for (let i = 0; !isSo(); i++) {
        assert.ok(i < MOST, `seed ${SEED}: ${JSON.stringify([gallery.recall, gallery.graph])}`)
        const query = { ...EVERYTHING, vector: aVector(truth, random) }
        await gallery.search({ ...query, accuracy: 'approximate' })
        await gallery.measureRecall()
      }
    })
  } finally {
    await close()
  }
}

function remove(gallery: OpenedGallery['gallery'], truth: Truth, id: string): void {
  gallery.delete([truth.get(id)!.key])
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
  await withForgetful(false, async (gallery, truth, measureUntil) => {
    const query = { ...EVERYTHING, vector: truth.get('r9')!.vector }
    assert.equal((await gallery.search(query)).plan, 'graph')
    await measureUntil(() => deadIn(gallery.graph) !== 1)
    assert.equal((await gallery.search(query)).hits.length, 10)
    await graphSettled(gallery)
    assert.equal(deadIn(gallery.graph), 0)
    await measureUntil(() => (gallery.recall[0]?.queries ?? 0) > 50)
    assert.ok(gallery.recall[0]!.recall > 0.95, `seed ${SEED}: ${gallery.recall[0]!.recall}`)
    assert.equal((await gallery.search(query)).plan, 'graph')
  })
})

test('where that does not help, auto is exact, and the graph of the same records is not made once more', async () => {
  await withForgetful(true, async (gallery, truth, measureUntil) => {
    await measureUntil(() => deadIn(gallery.graph) === 0)
    remove(gallery, truth, 'r1400')
    await measureUntil(() => gallery.plan === 'scan')
    assert.equal(deadIn(gallery.graph), 1)
    const query = { ...EVERYTHING, vector: truth.get('r9')!.vector }
    const { hits, exact } = await gallery.search(query)
    assert.equal(exact, true)
    assert.deepEqual(hits, naiveHits(truth, query))
    assert.equal((await gallery.search({ ...query, accuracy: 'approximate' })).plan, 'graph')
  })
})
