import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markAsUntransferable } from 'node:worker_threads'
import { freeMemory } from '../../src/threads/free-memory.ts'

test('bytes of their own memory are freed at once; again, nothing happens', () => {
  const bytes = Buffer.allocUnsafeSlow(1000)
  freeMemory(bytes)
  freeMemory(bytes)
  assert.deepEqual([bytes.byteLength, bytes.buffer.byteLength], [0, 0])
})

test('parts of other memory, and shared memory, stay', () => {
  const whole = new Uint8Array(1000).fill(3)
  const pooled = Buffer.from('a few bytes of the pool')
  const shared = new Uint8Array(new SharedArrayBuffer(1000)).fill(3)
  for (const bytes of [whole.subarray(1), pooled, shared]) freeMemory(bytes)
  assert.equal(String(pooled), 'a few bytes of the pool')
  assert.ok([...whole, ...shared].every((byte) => byte === 3))
})

test('memory that is bound to its place stays', () => {
  const bytes = new Uint8Array(1000).fill(3)
  markAsUntransferable(bytes.buffer)
  freeMemory(bytes)
  assert.equal(bytes.byteLength, 1000)
})

test('what is freed in one turn takes no memory, and waits nowhere', () => {
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 30; i++) freeMemory(new Uint8Array(1_000_000).fill(1))
  assert.ok(process.memoryUsage().arrayBuffers - before < 2_000_000)
})
