import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RowSlots } from '../../../../src/engine/embedded/rows/row-slots.ts'

test('a freed row is used again only after the searches that may see it', () => {
  const slots = new RowSlots()
  slots.occupy(0, 10, 'a')
  const ticket = slots.beginSearch()
  slots.free(10)
  assert.equal(slots.reusable(), null)
  const later = slots.beginSearch()
  slots.endSearch(ticket)
  assert.equal(slots.reusable(), 0, 'the later search began after the row was freed')
  slots.endSearch(later)
})

test('a freed version still names its row until the row is used again', () => {
  const slots = new RowSlots()
  slots.occupy(0, 10, 'a')
  slots.free(10)
  assert.equal(slots.rowOfKey(10), 0)
  assert.equal(slots.rowOfId('a'), undefined)
  assert.equal(slots.reusable(), 0)
  slots.occupy(0, 11, 'b')
  assert.equal(slots.rowOfKey(10), undefined)
  assert.equal(slots.rowOfKey(11), 0)
})

test('freeing twice, or what never was, changes nothing', () => {
  const slots = new RowSlots()
  slots.occupy(0, 10, 'a')
  slots.occupy(1, 11, 'b')
  slots.free(10)
  slots.free(10)
  slots.free(99)
  assert.equal(slots.count, 1)
  assert.equal(slots.reusable(), 0)
  assert.equal(slots.reusable(), null)
})

test('live bits are null when every row is in use, and a snapshot otherwise', () => {
  const slots = new RowSlots()
  for (let row = 0; row < 40; row++) slots.occupy(row, 100 + row, `id${row}`)
  assert.equal(slots.liveBits(), null)
  slots.free(133)
  const bits = slots.liveBits()
  assert.deepEqual([...(bits ?? [])], [0xffffffff, 0b11111101])
  slots.free(100)
  assert.equal(bits?.[0], 0xffffffff, 'the snapshot stays as it was')
  assert.equal(slots.liveBits()?.[0], 0xfffffffe)
})

test('replacing a record moves its id to the new row', () => {
  const slots = new RowSlots()
  slots.occupy(0, 10, 'a')
  slots.free(10)
  slots.occupy(1, 11, 'a')
  assert.equal(slots.rowOfId('a'), 1)
  assert.equal(slots.count, 1)
})

test('rows in use are found by their place, over gaps of any size', () => {
  const slots = new RowSlots()
  for (let row = 0; row < 200; row++) slots.occupy(row, row, `r${row}`)
  for (let row = 0; row < 200; row++) if (row % 7 !== 3 || (row > 60 && row < 140)) slots.free(row)
  const live = Array.from({ length: 200 }, (_, row) => row).filter(
    (row) => row % 7 === 3 && !(row > 60 && row < 140),
  )
  const places = live.map((_, place) => place).reverse()
  assert.deepEqual(slots.liveRows(places), [...live].reverse())
})

test('room made at once changes no answer', () => {
  const slots = new RowSlots()
  for (let row = 0; row < 50; row++) slots.occupy(row, 100 + row, `id${row}`)
  slots.reserve(1000)
  slots.reserve(10)
  for (let row = 50; row < 1500; row++) slots.occupy(row, 100 + row, `id${row}`)
  for (let row = 0; row < 1500; row++) {
    assert.equal(slots.rowOfId(`id${row}`), row)
    assert.equal(slots.rowOfKey(100 + row), row)
  }
  assert.equal(slots.rowOfId('id1500'), undefined)
})
