import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosePivots, type PivotChoice } from '../../../src/index/metric/pivots.ts'
import type { Item } from '../../../src/index/metric/search.ts'
import { seededRandom } from '../../../src/vector/random.ts'

const SEED = 5

function chosen(places: readonly number[], count: number, choice?: PivotChoice): number[] {
  const items: Item<number>[] = places.map((object, id) => ({ id, object, alive: true }))
  const between = (a: Item<number>, b: Item<number>) => Math.abs(a.object - b.object)
  const { pivots, rows } = choosePivots(items, count, between, choice)
  for (const [i, row] of rows.entries()) {
    assert.deepEqual(
      [...row],
      pivots.map((pivot) => between(pivot, items[i]!)),
    )
  }
  return pivots.map(({ object }) => object)
}

test('farthest first takes what is farthest from its nearest pivot', () => {
  // From 0: 100; then 45, as 60 is only 40 from 100.
  assert.deepEqual(chosen([0, 10, 45, 60, 100], 3), [0, 100, 45])
})

test('maximal separation takes what is farthest from all pivots together', () => {
  // From 0: 100; then 90 (from 0) and 10 (from 100), as much as any between, and the first of these.
  const choice = { kind: 'maximal-separation' } as const
  assert.deepEqual(chosen([0, 10, 45, 60, 100, 130], 3, choice), [0, 130, 10])
  assert.deepEqual(chosen([0, 100, 40, 99, -60], 3, choice), [0, 100, -60])
})

test('random pivots are different objects, and others with another seed', () => {
  const places = Array.from({ length: 50 }, (_, i) => i)
  const drawn = [SEED, SEED, SEED + 1].map((seed) =>
    chosen(places, 10, { kind: 'random', random: seededRandom(seed) }),
  )
  assert.equal(new Set(drawn[0]).size, 10)
  assert.deepEqual(drawn[0], drawn[1])
  assert.notDeepEqual(drawn[0], drawn[2])
})

test('equal objects become pivots once each', () => {
  for (const kind of ['farthest-first', 'maximal-separation'] as const) {
    assert.deepEqual(chosen([7, 7, 7], 5, { kind }), [7, 7, 7])
  }
})
