import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GraphOwner } from '../../../../src/engine/embedded/graph/graph-owner.ts'
import { BlockMemory } from '../../../../src/kernels/block-memory.ts'
import { VectorRows } from '../../../../src/kernels/vector-rows.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { failsWith } from '../../../support/errors.ts'
import { HARD_SETS } from '../../../support/random-vectors.ts'

const DIMENSIONS = 512
const COUNT = 2000

test('an owner that is closed while its thread adds ends the thread, and the process lives', async () => {
  const memory = new BlockMemory()
  const rows = new VectorRows(memory, DIMENSIONS)
  const vectors = HARD_SETS.random!(seededRandom(5), COUNT, DIMENSIONS)
  for (const vector of vectors) rows.append(vector)
  const numbers = Uint32Array.from(vectors.keys())
  const keys = Float64Array.from(numbers, (number) => number + 1)
  for (let i = 0; i < 5; i++) {
    const owner = new GraphOwner(memory)
    const graph = owner.newGraph()
    await owner.call('create', { graph, dimensions: DIMENSIONS })
    const adding = owner.call('add', { graph, rows: rows.view(), numbers, keys })
    const ended = assert.rejects(adding, failsWith('SHUTTING_DOWN'))
    // Answered between two turns of the adding: that is under way.
    const vector = vectors[0]!
    while ((await owner.search({ graph, vector, wanted: 1, ef: 10 })).keys.length === 0);
    await Promise.all([owner.close(), owner.close(), ended])
  }
})
