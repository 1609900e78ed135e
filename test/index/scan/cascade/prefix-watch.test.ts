import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PrefixWatch } from '../../../../src/index/scan/cascade/prefix-watch.ts'

function levels(rows: number, left: number) {
  return [
    { name: 'prefix', candidates: rows },
    { name: 'codes', candidates: left },
    { name: 'float32', candidates: 0 },
  ]
}

test('a subspace is worth a second look when the rows are four times as many', () => {
  const watch = new PrefixWatch()
  watch.learnt(1000, 0.01)
  assert.equal(watch.isDue(3999), false)
  assert.equal(watch.isDue(4000), true)
})

test('it is when searches let through far more than promised, and rows have changed', () => {
  const watch = new PrefixWatch()
  watch.learnt(1000, 0.01)
  for (let i = 0; i < 32; i++) watch.saw(levels(1000, 300))
  assert.equal(watch.isDue(1000), false, 'the same rows: the queries are hard')
  for (let i = 0; i < 250; i++) watch.wrote()
  assert.equal(watch.isDue(1000), true)
  watch.learnt(1000, 0.3)
  assert.equal(watch.isDue(1000), false, 'what was learnt last counts')
  for (let i = 0; i < 40; i++) watch.saw(levels(1300, 400))
  assert.equal(watch.isDue(1300), false, 'as promised')
})

test('a few searches, or pages that went on, tell nothing', () => {
  const watch = new PrefixWatch()
  watch.learnt(1000, 0.01)
  for (let i = 0; i < 31; i++) watch.saw(levels(1500, 1500))
  for (let i = 0; i < 100; i++) watch.saw(levels(0, 700))
  assert.equal(watch.isDue(1500), false)
  watch.saw(levels(1500, 1500))
  assert.equal(watch.isDue(1500), true)
})
