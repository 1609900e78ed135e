import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResumableScan, ResumableSearches } from '../../../src/index/scan/resumable-searches.ts'

const RANGE = { first: 32, end: 96 }
const VECTOR = Float32Array.of(1, 2, 3)
const clock = () => 0

function scan(name: string): ResumableScan {
  return new ResumableScan(name, VECTOR, RANGE, new Uint32Array(3))
}

/** Names those of three searches that are kept. */
function kept(searches: ResumableSearches<ResumableScan>): string[] {
  return ['a', 'b', 'c'].filter((name) => searches.take(name) !== null)
}

test('a search is handed out once, and fits its vector and its rows alone', () => {
  const searches = new ResumableSearches<ResumableScan>(clock)
  searches.keep(scan('a'))
  assert.equal(searches.take('b'), null)
  const taken = searches.take('a')!
  assert.equal(taken.name, 'a')
  assert.equal(searches.take('a'), null)
  assert.ok(taken.fits(VECTOR.slice(), { ...RANGE }))
  assert.ok(!taken.fits(Float32Array.of(1, 2, 4), RANGE))
  assert.ok(!taken.fits(VECTOR, { first: 0, end: 96 }))
  assert.ok(!taken.fits(VECTOR, { first: 32, end: 95 }))
})

test('searches are bounded in number and bytes; the longest kept go first', () => {
  const few = new ResumableSearches<ResumableScan>(clock, { maxKept: 2 })
  for (const name of ['a', 'b', 'c']) few.keep(scan(name))
  assert.deepEqual(kept(few), ['b', 'c'])
  assert.deepEqual(few.keep(scan('d')), [])
  assert.deepEqual(few.keep(scan('e')), [])
  const gone = few.keep(scan('f')).map(({ name }) => name)
  assert.deepEqual(gone, ['d'], 'those that give way are handed back')
  const small = new ResumableSearches<ResumableScan>(clock, { maxBytes: scan('a').bytes * 2 })
  for (const name of ['a', 'b', 'c']) small.keep(scan(name))
  assert.deepEqual(kept(small), ['b', 'c'])
  const none = new ResumableSearches<ResumableScan>(clock, { maxBytes: 10 })
  none.keep(scan('a'))
  assert.deepEqual(kept(none), [], 'one that is too large alone is not kept')
})

test('an old search is forgotten', () => {
  let now = 0
  const searches = new ResumableSearches<ResumableScan>(() => now, { maxAgeMs: 100 })
  searches.keep(scan('a'))
  now = 90
  searches.keep(scan('b'))
  now = 120
  assert.equal(searches.take('a'), null)
  assert.equal(searches.take('b')?.name, 'b')
})

test('a row that is decided has a distance in place of a bound', () => {
  const some = scan('a')
  some.bounds.fill(1)
  some.decided(40, 0.5)
  const seen: [number, number][] = []
  some.forEachDecided((row, distance) => seen.push([row, distance]))
  assert.deepEqual(seen, [[40, 0.5]])
  assert.deepEqual([...some.bounds.subarray(7, 10)], [1, Number.NaN, 1])
})
