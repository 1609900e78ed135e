import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedWork } from '../../src/scheduling/shared-work.ts'

/** Work that ends when the test says so, or when it is stopped. */
function started() {
  let finish: () => void = () => undefined
  const work = new SharedWork((signal) => {
    return new Promise<void>((resolve, reject) => {
      finish = resolve
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  })
  return { work, finish: () => finish() }
}

test('whoever stops waiting is let go, and the work goes on for the others', async () => {
  const { work, finish } = started()
  const callers = [new AbortController(), new AbortController()] as const
  const waiting = callers.map(({ signal }) => work.wait(signal))
  callers[0].abort(new Error('gone'))
  await assert.rejects(waiting[0]!, /gone/)
  assert.equal(work.stopped, false)
  finish()
  await waiting[1]
  await work.wait()
})

test('the work is stopped when the last one stops waiting', async () => {
  const { work } = started()
  const callers = [new AbortController(), new AbortController()] as const
  const waiting = callers.map(({ signal }) => assert.rejects(work.wait(signal), /gone/))
  for (const caller of callers) caller.abort(new Error('gone'))
  await Promise.all(waiting)
  assert.equal(work.stopped, true)
  await assert.rejects(work.done, /gone/)
})

test('what fails the work fails all that wait', async () => {
  const work = new SharedWork(async () => {
    throw new Error('disk')
  })
  const { signal } = new AbortController()
  await assert.rejects(work.wait(signal), /disk/)
  await assert.rejects(work.wait(), /disk/)
})
