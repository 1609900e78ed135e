import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ranking } from '../../../../src/index/scan/cascade/ranking.ts'
import { Rankings } from '../../../../src/index/scan/cascade/rankings.ts'

const RANGE = { first: 32, end: 96 }
const VECTOR = Float32Array.of(1, 2, 3)

function ranking(name: string): Ranking {
  return new Ranking(name, VECTOR, RANGE, new Uint32Array(3))
}

test('a ranking is handed out once, and only for its vector and its rows', () => {
  const rankings = new Rankings({ clock: () => 0 })
  rankings.keep(ranking('a'))
  assert.equal(rankings.takeFor('b', VECTOR, RANGE), null)
  assert.equal(rankings.takeFor('a', VECTOR, RANGE)?.name, 'a')
  assert.equal(rankings.takeFor('a', VECTOR, RANGE), null)
  rankings.keep(ranking('a'))
  assert.equal(rankings.takeFor('a', Float32Array.of(1, 2, 4), RANGE), null)
  rankings.keep(ranking('a'))
  assert.equal(rankings.takeFor('a', VECTOR, { first: 0, end: 96 }), null)
})

test('rankings are bounded in number and bytes; the longest kept go first', () => {
  const few = new Rankings({ clock: () => 0, maxKept: 2 })
  for (const name of ['a', 'b', 'c']) few.keep(ranking(name))
  assert.equal(few.count, 2)
  assert.equal(few.takeFor('a', VECTOR, RANGE), null)
  const small = new Rankings({ clock: () => 0, maxBytes: ranking('a').bytes * 2 })
  for (const name of ['a', 'b', 'c']) small.keep(ranking(name))
  assert.equal(small.count, 2)
  const none = new Rankings({ clock: () => 0, maxBytes: 10 })
  none.keep(ranking('a'))
  assert.equal(none.count, 0, 'one that is too large alone is not kept')
})

test('an old ranking is forgotten', () => {
  let now = 0
  const rankings = new Rankings({ clock: () => now, maxAgeMs: 100 })
  rankings.keep(ranking('a'))
  now = 90
  rankings.keep(ranking('b'))
  now = 120
  assert.equal(rankings.takeFor('a', VECTOR, RANGE), null)
  assert.equal(rankings.takeFor('b', VECTOR, RANGE)?.name, 'b')
})

test('a row that is decided has a distance in place of a bound', () => {
  const some = ranking('a')
  some.bounds.fill(1)
  some.decided(40, 0.5)
  const seen: [number, number][] = []
  some.forEachDecided((row, distance) => seen.push([row, distance]))
  assert.deepEqual(seen, [[40, 0.5]])
  assert.deepEqual([...some.bounds.subarray(7, 10)], [1, Number.NaN, 1])
})
