import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  closeStoreThreads,
  type StoreThreadLimits,
  type StoreThreads,
  storeThread,
} from '../../../../src/engine/embedded/store/store-threads.ts'
import { AppError } from '../../../../src/errors.ts'
import { rejectsWith } from '../../../support/describe-record-store.ts'
import type { SilentCalls } from './silent-thread.ts'

const LIMITS: StoreThreadLimits = {
  maxQueued: 3,
  maxQueuedBytes: 1000,
  openWithinMs: 60_000,
  closeWithinMs: 60_000,
  onFailure: () => undefined,
  onDisk: () => undefined,
}

async function openSilent(limits: Partial<StoreThreadLimits> = {}) {
  const file = new URL('./silent-thread.js', import.meta.url)
  const failures: AppError[] = []
  const onFailure = (error: AppError) => failures.push(error)
  const thread = storeThread<SilentCalls>(file, 'writer', '', { ...LIMITS, onFailure, ...limits })
  await thread.ready(LIMITS.openWithinMs)
  const send = (kind: keyof SilentCalls, bytes = 0) => thread.call(kind, undefined, { bytes })
  return { thread, send, failures }
}

/** Closes a store one of whose threads is `thread`, and the others are well. */
async function closeAs(which: 'writer' | 'reader', thread: unknown): Promise<void> {
  const [other, scanner] = [(await openSilent()).thread, (await openSilent()).thread]
  const threads = { writer: other, reader: other, scanner, [which]: thread } as unknown
  await closeStoreThreads(threads as StoreThreads)
}

for (const [end, reason] of [
  ['throw', /out of luck/],
  ['exit', /exit status 3/],
] as const) {
  test(`calls that wait are rejected when the thread ends by ${end}`, async () => {
    const { thread, send, failures } = await openSilent()
    const waiting = [send('wait'), send(end)]
    for (const result of await Promise.allSettled(waiting)) {
      assert.equal(result.status, 'rejected')
      assert.ok(result.reason instanceof AppError)
      assert.equal(result.reason.code, 'STORE_FAILED')
      assert.match(result.reason.message, reason)
    }
    await rejectsWith('STORE_FAILED', send('wait'))
    await rejectsWith('STORE_FAILED', closeAs('writer', thread))
    assert.equal(thread.death?.code, 'STORE_FAILED')
    assert.deepEqual(failures, [thread.death])
  })
}

test('a thread that does not finish is ended, and its calls are rejected', async () => {
  const { thread, send, failures } = await openSilent({ closeWithinMs: 20 })
  const waiting = rejectsWith('STORE_FAILED', send('wait'))
  await rejectsWith('STORE_FAILED', closeAs('reader', thread))
  assert.match(thread.death?.message ?? '', /did not close within 0.02 s/)
  assert.deepEqual(failures, [thread.death])
  await waiting
})

test('no more calls wait than allowed', async () => {
  const { thread, send } = await openSilent({ closeWithinMs: 1 })
  const waiting = [send('wait'), send('wait'), send('wait')]
  await assert.rejects(send('wait'), (error) => {
    assert.ok(error instanceof AppError)
    assert.equal(error.code, 'QUEUE_FULL')
    assert.equal(error.retryAfterSeconds, 1)
    return true
  })
  const rejected = Promise.allSettled(waiting)
  await thread.close()
  assert.ok((await rejected).every(({ status }) => status === 'rejected'))
})

test('no more payload waits than allowed, but for one call alone', async () => {
  const { thread, send } = await openSilent({ closeWithinMs: 1 })
  const waiting = [send('wait', 5000)]
  await rejectsWith('QUEUE_FULL', send('wait', 1))
  const rejected = Promise.allSettled(waiting)
  await thread.close()
  assert.ok((await rejected).every(({ status }) => status === 'rejected'))
})
