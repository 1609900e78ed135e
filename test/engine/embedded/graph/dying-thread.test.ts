import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GraphOwner } from '../../../../src/engine/embedded/graph/graph-owner.ts'
import { BlockMemory } from '../../../../src/kernels/block-memory.ts'
import { VectorRows } from '../../../../src/kernels/vector-rows.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { failsWith } from '../../../support/errors.ts'
import { EVERYTHING } from '../../../support/generation-under-test.ts'
import { naiveHits, type Truth } from '../../../support/naive-search.ts'
import { openGeneration } from '../../../support/open-generation.ts'
import { gaussianVectors } from '../../../support/random-vectors.ts'

const DYING = new URL('../../../support/dying-graph-thread.js', import.meta.url)

test('a graph thread that dies rejects the calls under way, and those after it find a new one', async () => {
  const memory = new BlockMemory()
  const rows = new VectorRows(memory, 4)
  rows.append(Float32Array.of(1, 2, 3, 4))
  const owner = new GraphOwner(memory, DYING)
  try {
    await owner.call('create', { graph: 0, dimensions: 4 })
    const [numbers, keys] = [Uint32Array.of(0), Float64Array.of(1)]
    const add = owner.call('add', { graph: 0, rows: rows.view(), numbers, keys })
    const search = { graph: 0, vector: rows.read(0), wanted: 1, ef: 10 }
    const waiting = owner.search(search)
    await assert.rejects(add, failsWith('THREAD_FAILED'))
    await assert.rejects(waiting, failsWith('THREAD_FAILED'))
    await owner.call('create', { graph: 1, dimensions: 4 })
  } finally {
    await owner.close()
  }
  await assert.rejects(owner.call('drop', { graph: 1 }), failsWith('SHUTTING_DOWN'))
})

test('where the thread dies again and again the graph is given up, and searches stay exact', async () => {
  const { generation, close } = openGeneration(8, { graphFrom: 50, graphThread: DYING })
  try {
    const vectors = gaussianVectors(seededRandom(1), 100, 8)
    const truth: Truth = new Map(vectors.map((vector, i) => [`r${i}`, { key: i + 1, vector }]))
    for (const [id, record] of truth) generation.put({ ...record, id, replacedKey: null })
    generation.filled()
    while (generation.graph.kind !== 'failed') await new Promise(setImmediate)
    assert.match(generation.graph.reason, /^the graph thread ended with exit code \d+$/)
    const query = { ...EVERYTHING, accuracy: 'approximate', vector: vectors[0]! } as const
    const { hits, exact } = await generation.search(query)
    assert.deepEqual(hits, naiveHits(truth, query))
    assert.equal(exact, true)
  } finally {
    await close()
  }
})
