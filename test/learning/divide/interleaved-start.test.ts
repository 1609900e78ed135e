import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interleavedStart } from '../../../src/learning/divide/interleaved-start.ts'

test('slice k of 3 has outputs k, k + 3, k + 6 of a start, in weight and bias', () => {
  const names = [0, 1, 2, 3, 4, 5, 6, 7, 8]
  const weight = Float32Array.from([...names, ...names.map((name) => name + 10)])
  const start = { inputs: 2, outputs: 9, weight, bias: Float32Array.from(names) }
  const dealt = interleavedStart(start, 3)
  const order = [0, 3, 6, 1, 4, 7, 2, 5, 8]
  assert.deepEqual([...dealt.bias], order)
  assert.deepEqual([...dealt.weight], [...order, ...order.map((name) => name + 10)])
})
