import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GraphNodes } from '../../../../src/engine/embedded/graph/graph-nodes.ts'
import { Hnsw } from '../../../../src/engine/embedded/graph/hnsw.ts'
import { hashOfVector, NodesByHash } from '../../../../src/engine/embedded/graph/nodes-by-hash.ts'
import { DamagedFile } from '../../../../src/files/durable-files.ts'
import { seededRandom } from '../../../../src/vector/random.ts'
import { gaussianVectors } from '../../../support/random-vectors.ts'

const SEED = 263
const DIMENSIONS = 8

/** All versions found, each vector's in a list of its own. */
function found(graph: GraphNodes, vector: Float32Array, wanted: number): number[][] {
  const { keys, ends } = graph.search(vector, wanted, 200)
  if (ends === null) return [...keys].map((key) => [key])
  return [...ends].map((end, i) => [...keys.slice(ends[i - 1] ?? 0, end)])
}

test('versions come and end as in a plain list, and those of equal vectors are found together', () => {
  const random = seededRandom(SEED)
  const vectors = gaussianVectors(random, 12, DIMENSIONS)
  const graph = GraphNodes.empty(DIMENSIONS)
  const alive = new Map<number, number>()
  const nodes = new Set<number>()
  for (let key = 1; key <= 2000; key++) {
    const which = Math.floor(random() * vectors.length)
    graph.add(key, vectors[which]!.slice())
    alive.set(key, which)
    while (alive.size > 0 && random() < 0.49) {
      const [gone] = [...alive.keys()].sort(() => random() - 0.5) as [number]
      const others = [...alive].filter(([other, its]) => other !== gone && its === alive.get(gone))
      alive.delete(gone)
      assert.equal(graph.remove(gone) === null, others.length > 0, `seed ${SEED}, key ${key}`)
    }
    nodes.add(graph.hnsw.count)
    if (key % 50 !== 0) continue
    for (const [i, vector] of vectors.entries()) {
      const versions = [...alive].filter(([, its]) => its === i).map(([other]) => other)
      const [first = []] = found(graph, vector, 1)
      const wanted = versions.length > 0 ? versions : first
      assert.deepEqual(
        first.sort((a, b) => a - b),
        wanted,
        `seed ${SEED}, key ${key}`,
      )
    }
    const all = found(graph, vectors[0]!, 10_000)
    assert.deepEqual(
      all.flat().sort((a, b) => a - b),
      [...alive.keys()],
    )
    assert.equal(all.length, new Set(alive.values()).size)
  }
})

test('many equal vectors are one node, and hide no other', () => {
  const [equal, ...others] = gaussianVectors(seededRandom(SEED), 301, DIMENSIONS) as [
    Float32Array,
    ...Float32Array[],
  ]
  const graph = GraphNodes.empty(DIMENSIONS)
  for (let key = 1; key <= 5000; key++) graph.add(key, equal)
  for (const [i, vector] of others.entries()) graph.add(10_000 + i, vector)
  assert.equal(graph.hnsw.count, 301)
  for (const [i, vector] of others.entries()) {
    assert.deepEqual(found(graph, vector, 1), [[10_000 + i]], `seed ${SEED}`)
  }
  assert.equal(found(graph, equal, 1)[0]!.length, 5000)
})

test('0 and -0 are equal, and what differs in one bit is not', () => {
  const graph = GraphNodes.empty(2)
  graph.add(1, Float32Array.of(0, 1))
  graph.add(2, Float32Array.of(-0, 1))
  graph.add(3, Float32Array.of(0, 1 + 2 ** -23))
  assert.equal(hashOfVector(Float32Array.of(0, 1)), hashOfVector(Float32Array.of(-0, 1)))
  assert.equal(graph.hnsw.count, 2)
  assert.deepEqual(found(graph, Float32Array.of(0, 1), 1), [[1, 2]])
})

test('nodes whose hashes are equal are told apart, also when one of them is deleted', () => {
  const nodes = new NodesByHash()
  for (let label = 1; label <= 500; label++) nodes.add(label, label % 3)
  for (let label = 1; label <= 500; label += 2) nodes.delete(label, label % 3)
  for (let label = 1; label <= 500; label++) {
    const place = nodes.find(label % 3, (other) => other === label)
    assert.equal(place, label % 2 === 0 ? label : undefined)
    assert.equal(
      nodes.find((label + 1) % 3, (other) => other === label),
      undefined,
    )
  }
})

test('a graph that is read knows one version of each vector; the others join it, and nodes without any are removed', () => {
  const vectors = gaussianVectors(seededRandom(SEED), 30, DIMENSIONS)
  const hnsw = Hnsw.empty(DIMENSIONS)
  for (const [i, vector] of vectors.entries()) hnsw.add(i + 1, vector)
  const labels = vectors.map((vector, i) => [i + 1, hashOfVector(vector)] as const)
  const graph = GraphNodes.read(hnsw, labels)
  for (const label of [1, 2, 3]) graph.vacate(label)
  assert.equal(graph.join(100, vectors[0]!), true)
  assert.equal(graph.join(101, vectors[9]!), true)
  assert.equal(graph.join(102, gaussianVectors(seededRandom(1), 1, DIMENSIONS)[0]!), false)
  assert.equal(graph.removeEmpty(), 2)
  const all = found(graph, vectors[0]!, 100)
  assert.deepEqual(all[0], [100])
  assert.deepEqual(
    all.flat().sort((a, b) => a - b),
    [...vectors.keys()]
      .map((i) => i + 1)
      .slice(3)
      .concat(100, 101),
  )
  assert.equal(graph.remove(10), null)
  assert.deepEqual(found(graph, vectors[9]!, 1), [[101]])
  assert.equal(graph.isShared(10), true)
  assert.equal(graph.remove(101), 10)
})

test('a graph with two nodes of one vector, as earlier versions made them, is refused', () => {
  const [vector] = gaussianVectors(seededRandom(SEED), 1, DIMENSIONS) as [Float32Array]
  const hnsw = Hnsw.empty(DIMENSIONS)
  for (const key of [4, 9]) hnsw.add(key, vector)
  const labels = [4, 9].map((label) => [label, hashOfVector(vector)] as const)
  assert.throws(() => GraphNodes.read(hnsw, labels), DamagedFile)
})

test('vectors whose hashes are equal by chance are two nodes', () => {
  const seen = new Map<number, Float32Array>()
  let equal: readonly [Float32Array, Float32Array] | null = null
  for (let i = 1; equal === null; i++) {
    assert.ok(i < 2_000_000)
    const vector = Float32Array.of(i, i % 977)
    const hash = hashOfVector(vector)
    const other = seen.get(hash)
    if (other !== undefined) equal = [other, vector]
    seen.set(hash, vector)
  }
  const graph = GraphNodes.empty(2)
  for (const [i, vector] of equal.entries()) graph.add(i + 1, vector)
  assert.equal(graph.hnsw.count, 2)
  for (const [i, vector] of equal.entries()) assert.deepEqual(found(graph, vector, 1), [[i + 1]])
})
