import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ResumableTreeSearch,
  RowTree,
  TREE_KINDS,
  type TreeKind,
} from '../../../src/index/metric/row-tree.ts'
import type { RowQuery } from '../../../src/index/row-index.ts'
import { ResumableSearches } from '../../../src/index/scan/resumable-searches.ts'
import { BlockMemory } from '../../../src/kernels/block-memory.ts'
import { rowSlot, VectorRows } from '../../../src/kernels/vector-rows.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import type { SpaceKind } from '../../../src/vector/space.ts'
import { gaussianVectors, HARD_SETS } from '../../support/random-vectors.ts'
import { describeRowIndex } from '../../support/row-index-contract.ts'

const SEED = 12

for (const kind of TREE_KINDS) {
  const loaded: Fill = (tree, memory, rows) => tree.load(vectorOf(memory, rows), numbers(rows))
  describeRowIndex(`rows in a ${kind}`, (vectors, space) => {
    return openTree({ kind, space, fill: loaded, resumed: false }, vectors)
  })
  describeRowIndex(`rows in a ${kind}, all written again, resumed`, (vectors, space) => {
    return openTree({ kind, space, fill: writeAgain, resumed: true }, vectors)
  })
}

type Fill = (
  tree: RowTree,
  memory: BlockMemory,
  rows: VectorRows,
  vectors: readonly Float32Array[],
) => void

interface Opening {
  readonly kind: TreeKind
  readonly space: SpaceKind
  readonly fill: Fill
  /** Whether every query resumes what earlier ones for the same vector have learnt, whatever else they wanted. */
  readonly resumed: boolean
}

function vectorOf(memory: BlockMemory, rows: VectorRows) {
  return (row: number) => rowSlot(memory.segments, rows.view(), row)
}

function numbers(rows: VectorRows): Iterable<number> {
  return Array(rows.count).keys()
}

async function openTree({ kind, space, fill, resumed }: Opening, vectors: readonly Float32Array[]) {
  const memory = new BlockMemory()
  const dimensions = vectors[0]?.length ?? 3
  const rows = new VectorRows(memory, dimensions)
  for (const vector of vectors) rows.append(vector)
  const resumable = new ResumableSearches<ResumableTreeSearch>(() => 0)
  const tree = new RowTree(kind, space)
  fill(tree, memory, rows, vectors)
  return {
    index: {
      space,
      dimensions,
      async search(query: RowQuery) {
        const named = resumed ? { ...query, resumableAs: `${query.vector}` } : query
        return tree.search(vectorOf(memory, rows), named, resumable)
      },
    },
    async close() {
      rows.release()
    },
  }
}

/**
 * Loads two thirds of the rows with each other's vectors, then frees some, writes others and brings some back, until
 * all are as they should be.
 */
function writeAgain(
  tree: RowTree,
  memory: BlockMemory,
  rows: VectorRows,
  vectors: readonly Float32Array[],
): void {
  const random = seededRandom(SEED)
  const all = [...vectors.keys()]
  const some = (share: number) => Uint32Array.from(all.filter(() => random() < share))
  for (const row of all) rows.write(row, vectors[(row * 7 + 3) % vectors.length]!)
  tree.load(vectorOf(memory, rows), some(2 / 3))
  const none = new Uint32Array()
  tree.update(vectorOf(memory, rows), { live: none, freed: some(1 / 2) })
  tree.update(vectorOf(memory, rows), { live: some(1 / 3), freed: none })
  for (const row of all) rows.write(row, vectors[row]!)
  tree.update(vectorOf(memory, rows), { live: none, freed: some(1 / 3) })
  tree.update(vectorOf(memory, rows), { live: Uint32Array.from(all), freed: none })
  assert.equal(tree.tree.size, vectors.length, `seed ${SEED}`)
}

for (const kind of TREE_KINDS) {
  test(`pages of a ${kind} compute the distances of one long answer, each once`, () => {
    const memory = new BlockMemory()
    const rows = new VectorRows(memory, 16)
    const vectors = HARD_SETS.clustered!(seededRandom(SEED), 1500, 16)
    for (const vector of vectors) rows.append(vector)
    const tree = new RowTree(kind, 'euclidean')
    tree.load(vectorOf(memory, rows), vectors.keys())
    const resumable = new ResumableSearches<ResumableTreeSearch>(() => 0)
    const ask = (k: number, from: number, resumes: boolean) => {
      const limits = { k, from, radius: Number.POSITIVE_INFINITY, allowed: null }
      const named = resumes ? { resumableAs: 'pages' } : {}
      const query = { vector: vectors[3]!, ...limits, ...named }
      const answer = tree.search(vectorOf(memory, rows), query, resumable)
      return { computed: answer.levels[0]!.candidates, last: Math.max(...answer.distances) }
    }
    const pages = (resumes: boolean) => {
      let computed = 0
      let from = -1
      for (let page = 0; page < 10; page++) {
        const answer = ask(20, from, resumes)
        computed += answer.computed
        from = answer.last
      }
      return { computed, from }
    }
    const single = ask(200, -1, false)
    const resumed = pages(true)
    const startedOver = pages(false)
    assert.deepEqual(resumed, { computed: single.computed, from: single.last }, `seed ${SEED}`)
    assert.equal(startedOver.from, single.last)
    assert.ok(startedOver.computed > 5 * single.computed, `${startedOver.computed} distances`)
    rows.release()
  })
}

for (const kind of TREE_KINDS) {
  test(`a search of a ${kind} ends with the first check that fails, and the next is whole`, () => {
    const memory = new BlockMemory()
    const rows = new VectorRows(memory, 16)
    const vectors = gaussianVectors(seededRandom(SEED), 500, 16)
    for (const vector of vectors) rows.append(vector)
    const tree = new RowTree(kind, 'euclidean')
    tree.load(vectorOf(memory, rows), vectors.keys())
    const resumable = new ResumableSearches<ResumableTreeSearch>(() => 0)
    const query = {
      ...{ vector: vectors[3]!, k: 5, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null },
      resumableAs: 'x',
    }
    let checks = 0
    const check = () => {
      if (++checks > 20) throw new Error('nobody waits')
    }
    const stopped = () => tree.search(vectorOf(memory, rows), query, resumable, check)
    assert.throws(stopped, /nobody waits/)
    assert.equal(checks, 21)
    const whole = tree.search(vectorOf(memory, rows), query, resumable)
    const { resumableAs: _, ...alone } = query
    assert.deepEqual(whole, tree.search(vectorOf(memory, rows), alone, resumable))
    rows.release()
  })
}
