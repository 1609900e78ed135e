import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterMeasures } from '../../src/evaluation/cluster-measures.ts'
import { CLUSTER_LINKAGE, clusterRadius } from '../../src/evaluation/cluster-radius.ts'
import { distanceMatrix } from '../../src/vector/distance-matrix.ts'
import { linkedClusters } from '../../src/vector/linkage.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { packRows } from '../../src/vector/row-matrix.ts'

const radiusOf = (points: readonly number[], labels: readonly number[]) => {
  const vectors = packRows(
    points.map((x) => Float32Array.from([x])),
    1,
  )
  return clusterRadius({ vectors, classes: Int32Array.from(labels) }, 'euclidean', () => undefined)
}

test('a worked example: pairs at 1 and 2 are right, and the next join is wrong', () => {
  const found = radiusOf([0, 1, 10, 12], [0, 0, 1, 1])!
  assert.equal(found.radius, 2)
  assert.deepEqual([found.pairwise.f, found.bcubed.f, found.records], [1, 1, 4])
})

test('nothing is known where no two have one label, or are joined', () => {
  assert.equal(radiusOf([0, 1, 2], [0, 1, 2]), null)
  assert.equal(radiusOf([0], [0]), null)
})

test('no radius of a grid agrees better with the labels', () => {
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed)
    const labels = Int32Array.from({ length: 80 }, () => Math.floor(random() * 8))
    const rows = Array.from(labels, (label) =>
      Float32Array.from([label + 0.5 * gaussian(random), 2 * gaussian(random) + (label % 3)]),
    )
    const vectors = packRows(rows, 2)
    const best = clusterRadius({ vectors, classes: labels }, 'euclidean', () => undefined)!
    const distances = distanceMatrix(vectors, 'euclidean')
    for (let radius = 0.01; radius < 6; radius += 0.07) {
      const clusters = new Int32Array(80)
      const found = linkedClusters(distances.slice(), 80, { linkage: CLUSTER_LINKAGE, radius })
      for (const [number, own] of found.entries()) for (const row of own) clusters[row] = number
      const { f } = clusterMeasures(clusters, labels).pairwise
      assert.ok(f <= best.pairwise.f + 1e-12, `radius ${radius}: ${f}, seed ${seed}`)
    }
  }
})

test('it ends when it is told to', () => {
  const stopped = new Error('stopped')
  const vectors = packRows([Float32Array.from([0]), Float32Array.from([1])], 1)
  const check = () => {
    throw stopped
  }
  const run = () => clusterRadius({ vectors, classes: new Int32Array(2) }, 'euclidean', check)
  assert.throws(run, (error) => error === stopped)
})
