import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PendingCalls } from '../../src/threads/pending-calls.ts'
import { sentError } from '../../src/threads/thread-error.ts'

test('replies of one message settle their calls in their order, and then nothing waits', async () => {
  const order: string[] = []
  const pending = new PendingCalls(
    (kind, { message }) => new Error(`${kind}: ${message}`),
    () => order.push('idle'),
  )
  const calls = ['a', 'b', 'c'].map(
    (kind, number) =>
      new Promise((resolve, reject) => {
        pending.add(number, { kind, bytes: 10, deadline: null, resolve, reject })
      }),
  )
  const noted = calls.map((call) =>
    call.then(
      (result) => order.push(String(result)),
      (error) => order.push(error.message),
    ),
  )
  pending.settle([{ call: 2, result: 'third' }])
  assert.deepEqual([pending.size, pending.bytes], [2, 20])
  assert.deepEqual([pending.sizeOf(new Set(['b', 'c'])), pending.sizeOf(new Set())], [1, 0])
  pending.settle([
    { call: 1, error: sentError(new Error('no')) },
    { call: 7, result: 'unknown' },
    { call: 0, result: 'first' },
  ])
  await Promise.all(noted)
  assert.deepEqual(order, ['idle', 'third', 'b: no', 'first'])
  assert.deepEqual([pending.size, pending.bytes], [0, 0])
})
