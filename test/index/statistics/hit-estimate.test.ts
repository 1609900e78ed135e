import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HitEstimate } from '../../../src/index/statistics/hit-estimate.ts'

const NONE = new Float64Array(0)

test('hits are counted where all others are known', () => {
  const estimate = new HitEstimate(
    [
      { nearest: Float64Array.of(1, 2, 2, 4), sampled: NONE },
      { nearest: Float64Array.of(0, 2, 3, 9), sampled: NONE },
    ],
    4,
  )
  assert.deepEqual(
    [-1, 0, 1, 2, 3.5, 4, 9].map((radius) => estimate.hits(radius)),
    [0, 0.5, 1, 2.5, 3, 3.5, 4],
  )
})

test('beyond the nearest the share of the sample counts, never below the nearest', () => {
  const nearest = Float64Array.of(1, 2)
  const sampled = Float64Array.of(3, 5, 6, 7, 8, 9, 10, 11, 12, 13)
  const estimate = new HitEstimate([{ nearest, sampled }], 1000)
  assert.deepEqual(
    [1.5, 2, 3, 5, 13].map((radius) => estimate.hits(radius)),
    [1, 2, 100, 200, 1000],
  )
})

test('where the nearest reach farther, a sample that met one of them does not count', () => {
  const nearest = Float64Array.of(1, 2, 3)
  const sampled = Float64Array.of(2, 9)
  const estimate = new HitEstimate([{ nearest, sampled }], 1000)
  assert.deepEqual(
    [2, 3].map((radius) => estimate.hits(radius)),
    [2, 500],
  )
})

test('the radius for a count is the least distance seen that has as many hits', () => {
  const nearest = Float64Array.of(1, 2)
  const sampled = Float64Array.of(3, 5, 6, 7, 8, 9, 10, 11, 12, 13)
  const estimate = new HitEstimate([{ nearest, sampled }], 1000)
  assert.deepEqual(
    [1, 2, 3, 100, 101, 1000, 1001].map((count) => estimate.radius(count)),
    [1, 2, 3, 3, 5, 13, null],
  )
})
