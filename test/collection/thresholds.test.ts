import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KnownCalibration } from '../../src/collection/identities/calibration.ts'
import { chooseThresholds, defaultRow, rowFor } from '../../src/collection/identities/thresholds.ts'
import { failsWith } from '../support/errors.ts'

const row = (rate: number, threshold: number | null) => ({
  rate,
  threshold,
  thresholdInterval: null,
  missed: 0,
  missedInterval: [0, 0] as const,
  trials: 1,
  enough: false,
})
const few = [row(0.1, 3), row(0.01, null), row(0.001, null)]
const many = [row(0.1, 3), row(0.01, 2), row(0.001, 1)]

test('unless a rate is named the threshold of .01 is taken, or of the next larger rate that is known', () => {
  assert.equal(defaultRow(many)?.threshold, 2)
  assert.equal(defaultRow(few)?.threshold, 3)
  assert.equal(defaultRow([row(0.1, null)]), undefined)
})

test('a rate that is named is kept to, or refused', () => {
  assert.deepEqual(
    [1, 0.1, 0.05, 0.001].map((rate) => rowFor(many, rate).threshold),
    [3, 3, 2, 1],
  )
  assert.throws(() => rowFor(few, 0.05), failsWith('INVALID_REQUEST'))
})

test('the request goes before the calibration, and votes take the thresholds of mean-nearest', () => {
  const distance = (threshold: number, reach: number) => ({
    accepts: [row(0.01, threshold)],
    reach,
  })
  const distances = { nearest: distance(1, 5), 'mean-nearest': distance(2, 1) }
  const valid = { kind: 'valid', calibration: { best: 'nearest', distances } }
  const known = valid as unknown as KnownCalibration
  const chosen = (asked: Parameters<typeof chooseThresholds>[0], by = known) => {
    const { distance: taken, thresholds, source } = chooseThresholds(asked, by)
    return [taken, thresholds?.known, thresholds?.unknown, source]
  }
  assert.deepEqual(chosen({}), ['nearest', 1, 5, 'calibration'])
  assert.deepEqual(chosen({ distance: 'votes' }), ['votes', 2, 2, 'calibration'])
  const thresholds = { known: 7, unknown: 8 }
  assert.deepEqual(chosen({ thresholds }), ['nearest', 7, 8, 'request'])
  assert.deepEqual(chosen({}, { kind: 'none' }), ['nearest', undefined, undefined, 'none'])
  const outdated = { ...known, kind: 'outdated' } as KnownCalibration
  assert.deepEqual(chosen({}, outdated), ['nearest', undefined, undefined, 'outdated'])
})
