import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowedNow } from '../../../../src/engine/embedded/rows/allowed-rows.ts'
import { RowSlots } from '../../../../src/engine/embedded/rows/row-slots.ts'
import { setBits } from '../../../../src/vector/bitset.ts'

test('where an id is left out, no row is allowed that is written later', () => {
  const slots = new RowSlots()
  for (let row = 0; row < 5; row++) slots.occupy(row, row + 1, `id-${row}`)
  const vectors = { count: 5 } as Parameters<typeof allowedNow>[0]['vectors']
  const { bits, count } = allowedNow({ slots, vectors }, ['id-1'])
  assert.deepEqual([[...setBits(bits!)], count], [[0, 2, 3, 4], 4])
})
