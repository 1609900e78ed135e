import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LINKAGES, type Linkage, linkedClusters } from '../../src/vector/linkage.ts'
import { seededRandom } from '../../src/vector/random.ts'

/** Distances of points on a line. */
function onLine(points: readonly number[]): Float64Array {
  return Float64Array.from(points.flatMap((a) => points.map((b) => Math.abs(a - b))))
}

/** Joins the nearest two of all clusters, whose distances are made anew of all pairs in each round. */
function naive(distances: Float64Array, count: number, linkage: Linkage, radius: number) {
  const clusters = Array.from({ length: count }, (_, i) => [i])
  const far = (a: readonly number[], b: readonly number[]) => {
    const all = a.flatMap((i) => b.map((j) => distances[i * count + j]!))
    if (linkage === 'complete') return Math.max(...all)
    if (linkage === 'single') return Math.min(...all)
    return all.reduce((sum, one) => sum + one, 0) / all.length
  }
  for (;;) {
    let found: { a: number; b: number; distance: number } | null = null
    for (let a = 0; a < clusters.length; a++) {
      for (let b = a + 1; b < clusters.length; b++) {
        const distance = far(clusters[a]!, clusters[b]!)
        if (found === null || distance < found.distance) found = { a, b, distance }
      }
    }
    if (found === null || found.distance > radius) break
    clusters[found.a]!.push(...clusters[found.b]!)
    clusters.splice(found.b, 1)
  }
  return clusters.map((own) => own.sort((a, b) => a - b)).sort((a, b) => a[0]! - b[0]!)
}

test('a chain is one cluster by its nearest pairs, and several by its farthest', () => {
  const points = [0, 1, 2, 3, 4, 5]
  const clusters = (linkage: Linkage, radius: number) =>
    linkedClusters(onLine(points), points.length, { linkage, radius })
  assert.deepEqual(clusters('single', 1), [points])
  assert.deepEqual(clusters('complete', 1), [
    [0, 1],
    [2, 3],
    [4, 5],
  ])
  // The pairs are 2 apart in the mean, and then 4 and 5 are 3 from the four.
  assert.deepEqual(clusters('average', 2), [
    [0, 1, 2, 3],
    [4, 5],
  ])
})

test('the radius is inclusive, and nothing is joined beyond it', () => {
  const pair = (radius: number) =>
    linkedClusters(onLine([0, 3]), 2, { linkage: 'complete', radius })
  assert.deepEqual(pair(3), [[0, 1]])
  assert.deepEqual(pair(2.999), [[0], [1]])
  assert.deepEqual(linkedClusters(new Float64Array(0), 0, { linkage: 'complete', radius: 1 }), [])
})

test('two that must stay apart stay apart, whatever is between', () => {
  for (const linkage of ['complete', 'average'] as const) {
    const distances = onLine([0, 0.1, 0.2, 0.3])
    distances[3] = Number.POSITIVE_INFINITY
    distances[12] = Number.POSITIVE_INFINITY
    const clusters = linkedClusters(distances, 4, { linkage, radius: 10 })
    assert.ok(!clusters.some((own) => own.includes(0) && own.includes(3)), linkage)
    assert.equal(clusters.flat().length, 4)
  }
})

test('equals a plain loop over all pairs', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const random = seededRandom(seed)
    const count = 40
    const distances = new Float64Array(count * count)
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < i; j++) {
        distances[i * count + j] = random()
        distances[j * count + i] = distances[i * count + j]!
      }
    }
    for (const linkage of LINKAGES) {
      for (const radius of [0.05, 0.2, 0.45, 0.6]) {
        const clusters = linkedClusters(distances.slice(), count, { linkage, radius })
        const wanted = naive(distances, count, linkage, radius)
        assert.deepEqual(clusters, wanted, `${linkage} ${radius}, seed ${seed}`)
      }
    }
  }
})

test('it tells what it joins, nearest first, and ends when that throws', () => {
  const joins: (readonly [number[], number[], number])[] = []
  const options = { linkage: 'average', radius: 10 } as const
  linkedClusters(onLine([0, 1, 4]), 3, {
    ...options,
    onJoin: (kept, gone, distance) => joins.push([[...kept], [...gone], distance]),
  })
  assert.deepEqual(joins, [
    [[0], [1], 1],
    [[0, 1], [2], 3.5],
  ])
  const stopped = new Error('stopped')
  const onJoin = () => {
    throw stopped
  }
  const run = () => linkedClusters(onLine([0, 1]), 2, { ...options, onJoin })
  assert.throws(run, (error) => error === stopped)
})
