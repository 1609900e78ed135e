import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRange } from '../../src/http/byte-range.ts'

test('a range is read as RFC 9110 has it', () => {
  for (const [header, wanted] of [
    ['bytes=0-4', { start: 0, end: 4 }],
    ['bytes=5-', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=9-99', { start: 9, end: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=4-3', null],
    ['bytes=0-1,3-4', null],
    ['bytes=-', null],
    ['lines=0-1', null],
    [undefined, null],
  ] as const) {
    assert.deepEqual(readRange(header, 10), wanted, header)
  }
})

test('nothing of an empty image can be asked for', () => {
  assert.equal(readRange('bytes=0-', 0), 'unsatisfiable')
})
