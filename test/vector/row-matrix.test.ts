import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matrixOf, packRows, rowOf, selectRows, transposed } from '../../src/vector/row-matrix.ts'
import { failsWith } from '../support/errors.ts'

const SIX = matrixOf(Float32Array.of(1, 2, 3, 4, 5, 6), 3)

test('a transposed matrix has its rows as columns', () => {
  const { values, count, dimensions } = transposed(SIX)
  assert.deepEqual([count, dimensions], [3, 2])
  assert.deepEqual([...values], [1, 4, 2, 5, 3, 6])
})

test('numbers are as many rows as there are, and rows are selected in the order named', () => {
  assert.equal(SIX.count, 2)
  assert.deepEqual([...rowOf(SIX, 1)], [4, 5, 6])
  const { values, count, dimensions } = selectRows(SIX, [1, 0, 1])
  assert.deepEqual([count, dimensions], [3, 3])
  assert.deepEqual([...values], [4, 5, 6, 1, 2, 3, 4, 5, 6])
})

test('vectors of another length or with NaN are not packed', () => {
  const bad = Float32Array.of(1, Number.NaN)
  assert.throws(() => packRows([Float32Array.of(1)], 2), failsWith('DIMENSION_MISMATCH', /row 0/))
  assert.throws(() => packRows([bad], 2), failsWith('INVALID_VECTOR', 'NaN at position 1 of row 0'))
})
