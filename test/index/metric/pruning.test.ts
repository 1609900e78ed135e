import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LinearScan } from '../../../src/index/metric/linear-scan.ts'
import { MTree } from '../../../src/index/metric/m-tree.ts'
import type { MetricIndex } from '../../../src/index/metric/metric-index.ts'
import { PivotTable } from '../../../src/index/metric/pivot-table.ts'
import { VpTree } from '../../../src/index/metric/vp-tree.ts'
import { euclidean } from '../../../src/vector/metric/minkowski.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { CheckedMTree } from '../../support/checked-structures.ts'
import { distanceShare } from '../../support/counted-distances.ts'
import { HARD_SETS } from '../../support/random-vectors.ts'
import { SURVEY_STRUCTURES } from '../../support/survey-structures.ts'

const metric = euclidean
const COUNT = 1000

/** The same objects in every structure; chance is seeded, so the shares are always the same. */
function loaded(make: (random: () => number) => MetricIndex<Float32Array>, how: 'load' | 'insert') {
  const objects = HARD_SETS.clustered!(seededRandom(3), COUNT + 20, 12)
  const index = make(seededRandom(4))
  const kept = objects.slice(20).map((object, i) => [i, object] as const)
  if (how === 'load') index.bulkLoad(kept)
  else for (const [id, object] of kept) index.insert(id, object)
  return { index, queries: objects.slice(0, 20) }
}

const STRUCTURES: [string, number, (random: () => number) => MetricIndex<Float32Array>][] = [
  ['VP-tree', 0.3, (random) => new VpTree({ metric, random })],
  ['pivot table', 0.3, () => new PivotTable({ metric })],
  ['M-tree', 0.3, (random) => new MTree({ metric, random, capacity: 12 })],
  ['PM-tree', 0.3, (random) => new MTree({ metric, random, capacity: 12, pivots: 8 })],
  ...SURVEY_STRUCTURES.map(([name, make]): (typeof STRUCTURES)[number] => {
    return [name, 0.3, (random) => make(metric, random)]
  }),
]

for (const [name, most, make] of STRUCTURES) {
  for (const how of ['load', 'insert'] as const) {
    test(`${name}, ${how}: spares most distances among clusters, and counts those it computes`, () => {
      const { index, queries } = loaded(make, how)
      const nearest = distanceShare(index, queries, (query) => index.nearest(query, 5))
      const range = distanceShare(index, queries, (query) => index.range(query, 0.03))
      const first = distanceShare(index, queries, (query) => {
        const search = index.incremental(query)
        for (let i = 0; i < 5; i++) search.next()
        return search
      })
      for (const share of [nearest, range, first]) {
        assert.ok(share > 0 && share < most, `seeds 3 and 4: ${nearest}, ${range}, ${first}`)
      }
    })
  }
}

test('a linear scan computes each distance once', () => {
  const { index, queries } = loaded(() => new LinearScan(metric), 'load')
  assert.equal(
    distanceShare(index, queries, (query) => index.nearest(query, 5)),
    1,
  )
  assert.equal(
    distanceShare(index, queries, (query) => index.range(query, 1)),
    1,
  )
})

for (const how of ['siblings', 'all-levels'] as const) {
  test(`slimming down (${how}) moves objects, shrinks no answer and keeps every invariant`, () => {
    const { index, queries } = loaded(
      (random) => new CheckedMTree({ metric, random, capacity: 6 }),
      'insert',
    )
    assert.ok(index instanceof CheckedMTree)
    const before = queries.map((query) => index.nearest(query, 9).distances.toSorted())
    assert.ok(index.slimDown(how) > 0)
    assert.deepEqual(index.check(), [])
    assert.deepEqual(
      queries.map((query) => index.nearest(query, 9).distances.toSorted()),
      before,
    )
  })
}

test('multi-way insertion finds leaves that the single way misses, so that their radii are smaller', () => {
  const radii = (['single-way', 'multi-way'] as const).map((insertion) => {
    const { index } = loaded((random) => {
      return new CheckedMTree({ metric, random, capacity: 12, insertion })
    }, 'insert')
    assert.ok(index instanceof CheckedMTree)
    assert.deepEqual(index.check(), [])
    const leaves = [...index.nodesAt(1)]
    return leaves.reduce((sum, { radius }) => sum + radius, 0) / leaves.length
  })
  assert.ok(radii[1]! < radii[0]!, `seeds 3 and 4: ${radii.join(' and ')}`)
})
