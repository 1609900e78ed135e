import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalisedMutualInformation } from '../../src/evaluation/mutual-information.ts'
import { kMeans, lloyd } from '../../src/vector/k-means.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { matrixOf, packRows, rowOf } from '../../src/vector/row-matrix.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { assertClose } from '../support/assert-close.ts'
import { gaussianVectors, HARD_SETS } from '../support/random-vectors.ts'

test('blobs far apart are found', () => {
  const noise = gaussianVectors(seededRandom(1), 90, 4)
  const truth = Int32Array.from(noise, (_, i) => i % 9)
  const points = packRows(
    noise.map((vector, i) => vector.map((value, j) => value + 50 * (((i % 9) >> j) & 1))),
    4,
  )
  const { assignment } = kMeans(points, { clusters: 9, random: seededRandom(2), restarts: 5 })
  assertClose(normalisedMutualInformation(truth, assignment), 1, 'NMI')
})

test('four separated groups are found from any seed', () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = seededRandom(seed)
    const values = Float32Array.from({ length: 200 }, (_, at) => {
      const [i, axis] = [(at >> 1) % 4, at % 2]
      return 5 * ((i >> axis) & 1) + 0.1 * gaussian(random)
    })
    const points = { values, count: 100, dimensions: 2 }
    const options = { clusters: 4, random: seededRandom(seed), restarts: 5 }
    const truth = Int32Array.from({ length: 100 }, (_, i) => i % 4)
    const { assignment } = kMeans(points, options)
    assertClose(normalisedMutualInformation(truth, assignment), 1, `seed ${seed}`)
  }
})

for (const name of ['random', 'clustered', 'huge norms']) {
  test(`every point ends at its nearest centre, every centre at the mean of its points: ${name}`, () => {
    for (const seed of [1, 2, 3]) {
      const random = seededRandom(seed)
      const points = packRows(HARD_SETS[name]!(random, 101, 5), 5)
      const { assignment, centres, inertia } = kMeans(points, { clusters: 9, random })
      let sum = 0
      const members = Array.from({ length: 9 }, () => [] as Float32Array[])
      for (const [row, cluster] of assignment.entries()) {
        const point = rowOf(points, row)
        members[cluster]!.push(point)
        const distances = Array.from({ length: 9 }, (_, other) =>
          squaredEuclidean(point, rowOf(centres, other)),
        )
        const nearest = distances.indexOf(Math.min(...distances))
        assert.equal(cluster, nearest, `seed ${seed}, point ${row}`)
        sum += distances[cluster]!
      }
      assertClose(inertia, sum, `seed ${seed} inertia`, 1e-12 * sum)
      for (const [cluster, group] of members.entries()) {
        for (const [i, value] of rowOf(centres, cluster).entries()) {
          const mean = group.reduce((total, point) => total + point[i]!, 0) / group.length
          assert.equal(value, Math.fround(mean), `seed ${seed}, centre ${cluster}`)
        }
      }
    }
  })
}

test('more restarts never end worse', () => {
  const points = packRows(gaussianVectors(seededRandom(4), 120, 3), 3)
  const inertia = (restarts: number) =>
    kMeans(points, { clusters: 12, random: seededRandom(5), restarts }).inertia
  const [one, ten] = [inertia(1), inertia(10)]
  assert.ok(ten < one, `expected less than ${one}, got ${ten}`)
})

test('fewer different points than clusters leave clusters empty and no point off its centre', () => {
  const points = packRows(HARD_SETS.duplicates!(seededRandom(6), 40, 3), 3)
  const { assignment, inertia } = kMeans(points, { clusters: 8, random: seededRandom(7) })
  assert.equal(inertia, 0)
  assert.equal(new Set(assignment).size, 5)
})

test('as many clusters as points give each its own', () => {
  const points = packRows(gaussianVectors(seededRandom(8), 10, 3), 3)
  const { assignment, inertia } = kMeans(points, { clusters: 10, random: seededRandom(9) })
  assert.equal(inertia, 0)
  assert.equal(new Set(assignment).size, 10)
})

test('the bound on rounds ends a run with every point at its nearest centre', () => {
  const points = packRows(gaussianVectors(seededRandom(10), 200, 3), 3)
  const options = { clusters: 20, random: seededRandom(11), restarts: 1, maxRounds: 1 }
  const { assignment, centres } = kMeans(points, options)
  for (const [row, cluster] of assignment.entries()) {
    const own = squaredEuclidean(rowOf(points, row), rowOf(centres, cluster))
    for (let other = 0; other < 20; other++) {
      assert.ok(own <= squaredEuclidean(rowOf(points, row), rowOf(centres, other)), `point ${row}`)
    }
  }
})

test('one seed gives the same clusters every time, and none is left empty', () => {
  for (let seed = 0; seed < 10; seed++) {
    const drawn = seededRandom(seed)
    // Ten different vectors, and ten of which all are the same.
    const values = new Float32Array(60).fill(0.5)
    values.set(Float32Array.from({ length: 30 }, () => gaussian(drawn)))
    const points = { values, count: 20, dimensions: 3 }
    const cluster = () => kMeans(points, { clusters: 6, random: seededRandom(seed) })
    assert.deepEqual(cluster(), cluster())
    assert.equal(new Set(cluster().assignment).size, 6, `seed ${seed}`)
  }
})

test('a cluster that is empty takes the point that is farthest from its centre', () => {
  const points = matrixOf(Float32Array.of(0, 1, 10), 1)
  // Of equal centres the second gets no point.
  const { assignment, centres, inertia } = lloyd(points, matrixOf(Float32Array.of(0, 0), 1), 100)
  assert.deepEqual([...assignment], [0, 0, 1])
  assert.deepEqual([...centres.values, inertia], [0.5, 10, 0.5])
})

test('equal points end in clusters of which some are empty', () => {
  const points = { values: new Float32Array(10), count: 5, dimensions: 2 }
  const { assignment, inertia } = kMeans(points, { clusters: 3, random: seededRandom(1) })
  assert.deepEqual([assignment.length, inertia], [5, 0])
})

test('more clusters than points, and no run, are refused', () => {
  const points = { values: new Float32Array(4), count: 2, dimensions: 2 }
  const random = seededRandom(1)
  assert.throws(() => kMeans(points, { clusters: 3, random }), /1 to 2 clusters, got 3/)
  assert.throws(() => kMeans(points, { clusters: 1, random, restarts: 0 }), /1 restart, got 0/)
})
