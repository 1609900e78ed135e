import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapValues } from '../../../../src/engine/embedded/maps/map-values.ts'
import { FacetTable } from '../../../../src/engine/embedded/store/facet-table.ts'
import type { MetadataValue } from '../../../../src/engine/metadata.ts'
import { Turns } from '../../../../src/threads/turns.ts'

/** What a map of records with these values of one field says. */
async function valuesOf(own: readonly MetadataValue[]) {
  const table = new FacetTable(['field'])
  own.forEach((value, key) => {
    table.note(key, { field: value })
  })
  const slices = new Turns().begin({ isSet: false, check: () => undefined })
  const found = await table.of(Float64Array.from(own.keys()), slices)
  return await mapValues(found, Int32Array.from(own.keys()))
}

async function namedOf(own: readonly MetadataValue[]) {
  const found = await valuesOf(own)
  assert.ok(found.kind === 'values')
  return { ...found, places: [...found.places] }
}

test('of more than 1,000 values the others have one place behind the last', async () => {
  // The first hundred are there twice.
  const own = Array.from({ length: 1300 }, (_, i) => `v${String(i % 1200).padStart(4, '0')}`)
  const { values, places, complete } = await namedOf(own)
  assert.equal(values.length, 1000)
  assert.deepEqual(
    [values[0], values[99], values[100], values[999]],
    ['v0000', 'v0099', 'v0100', 'v0999'],
  )
  assert.deepEqual([places[0], places[1299], places[999], places[1000]], [1, 100, 1000, 1001])
  assert.equal(complete, true)
})

test('a field of more values than are told apart is not complete, and those met later are none', async () => {
  const own = Array.from({ length: 65_537 }, (_, i) => `v${i}`)
  const { places, complete } = await namedOf(own)
  assert.equal(complete, false)
  assert.equal(places.at(-1), 0)
})

test('of a list the first value counts', async () => {
  const { values, places } = await namedOf([['b', 'a'], 'a', ['a', 'b'], []])
  assert.deepEqual(
    [values, places],
    [
      ['a', 'b'],
      [2, 1, 1, 0],
    ],
  )
})

test('booleans are values, and 1 is another than "1"', async () => {
  const { values, places } = await namedOf([true, false, true, 1, '1'])
  assert.deepEqual(
    [values, places],
    [
      [true, false, 1, '1'],
      [1, 2, 1, 3, 4],
    ],
  )
})

test('twelve different numbers are values, and thirteen are measurements', async () => {
  assert.equal((await valuesOf(Array.from({ length: 12 }, (_, i) => i))).kind, 'values')
  const found = await valuesOf([...Array.from({ length: 13 }, (_, i) => i / 4), 'x'].slice(0, 13))
  assert.ok(found.kind === 'numbers')
  assert.deepEqual([...found.numbers].slice(0, 3), [0, 0.25, 0.5])
  assert.equal((await valuesOf([...Array.from({ length: 13 }, (_, i) => i), 'x'])).kind, 'values')
})
