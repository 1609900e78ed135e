import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cheapestAssignment } from '../../../src/learning/divide/cheapest-assignment.ts'
import {
  clusterMembers,
  matchClusters,
  splitClusters,
  splitMasks,
} from '../../../src/learning/divide/clusters.ts'
import { gaussian, type Random, seededRandom } from '../../../src/vector/random.ts'
import { matrixOf } from '../../../src/vector/row-matrix.ts'

/** `each` points around each of `centres`, in turn, 2 numbers a point. */
function blobs(centres: readonly (readonly [number, number])[], each: number, random: Random) {
  const points = Array.from({ length: each * centres.length }, (_, i) => {
    const [x, y] = centres[i % centres.length]!
    return [x + 0.1 * gaussian(random), y + 0.1 * gaussian(random)]
  })
  return Float32Array.from(points.flat())
}

/** The same partition, whatever the names. */
function partition(clusters: ArrayLike<number>): number[] {
  const names = [...new Set(Array.from(clusters))]
  return Array.from(clusters, (cluster) => names.indexOf(cluster))
}

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]]
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  )
}

test('the cheapest assignment costs as little as the best of all permutations', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = seededRandom(seed)
    const n = 1 + (seed % 6)
    const costs = Array.from({ length: n }, () =>
      Array.from({ length: n }, () =>
        seed % 2 === 0 ? Math.floor(random() * 4) : 10 * gaussian(random),
      ),
    )
    const priceOf = (columns: readonly number[]) =>
      columns.reduce((total, column, row) => total + costs[row]![column]!, 0)
    const found = cheapestAssignment(costs)
    assert.deepEqual(
      found.toSorted((a, b) => a - b),
      [...found.keys()],
      `seed ${seed}`,
    )
    const least = Math.min(...permutations([...found.keys()]).map(priceOf))
    assert.ok(Math.abs(priceOf(found) - least) < 1e-9, `seed ${seed}`)
  }
})

test('costs that are no square of finite numbers are refused', () => {
  assert.throws(() => cheapestAssignment([[1, 2]]), RangeError)
  assert.throws(() => cheapestAssignment([[Number.NaN]]), RangeError)
})

test('renamed clusters get their old names back', () => {
  const before = Int32Array.of(0, 0, 0, 1, 1, 1, 2, 2, 2)
  const after = Int32Array.of(1, 1, 1, 2, 2, 1, 0, 0, 0)
  assert.deepEqual(matchClusters(before, after, 3), Int32Array.of(0, 0, 0, 1, 1, 0, 2, 2, 2))
})

test('images alone of their class in a cluster are left out', () => {
  const clusters = Int32Array.of(0, 0, 1, 0, 1, 1)
  const members = [[3], [4, 5], [0, 1, 2]]
  assert.deepEqual(clusterMembers(clusters, 0, members), [[], [], [0, 1]])
  assert.deepEqual(clusterMembers(clusters, 1, members), [[], [4, 5], []])
})

test('a split cuts each cluster in two, and children copy the mask of their parent', () => {
  const seed = 7
  const random = seededRandom(seed)
  const vectors = blobs(
    [
      [0, 0],
      [1, 5],
      [9, 0],
      [9, 5],
    ],
    10,
    random,
  )
  const clusters = Int32Array.from({ length: 40 }, (_, i) => (i % 4 < 2 ? 0 : 1))
  const split = splitClusters(matrixOf(vectors, 2), clusters, 2, random)
  assert.deepEqual(
    partition(split),
    Array.from({ length: 40 }, (_, i) => i % 4),
    `seed ${seed}`,
  )
  assert.ok(split.every((cluster, i) => cluster % 2 === clusters[i]))
  const masks = Float32Array.of(1, 2, 3, 4, 0, 0, 0, 0)
  assert.deepEqual(splitMasks(masks, 2, 2), Float32Array.of(1, 2, 3, 4, 1, 2, 3, 4))
  assert.throws(() => splitMasks(masks, 2, 4), RangeError)
})
