import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { AppError } from '../../src/errors.ts'
import { ThreadClient } from '../../src/threads/thread-client.ts'
import type { ThreadOptions } from '../../src/threads/thread-options.ts'
import { failsWith } from '../support/errors.ts'
import type {
  ClientCalls,
  ClientNotices,
  ContractCalls,
  ContractData,
  ContractNotices,
} from './contract-thread.ts'

const SCRIPT = new URL('./contract-thread.js', import.meta.url)
const MINUTE_MS = 60_000

/** A thread that the test ends. */
function opened(
  t: TestContext,
  options: Partial<ThreadOptions>,
  workerData: ContractData = {},
): ThreadClient<ContractCalls, ContractNotices> {
  const thread = new ThreadClient<ContractCalls, ContractNotices>({
    start: 'once',
    script: SCRIPT,
    name: 'contract',
    worker: { workerData },
    ...options,
  })
  t.after(() => thread.close())
  return thread
}

function openGate(gate: Int32Array): void {
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
}

async function settledOrder(calls: readonly Promise<unknown>[]): Promise<number[]> {
  const order: number[] = []
  await Promise.allSettled(calls.map((call, i) => call.finally(() => order.push(i))))
  return order
}

test('replies reach their calls, in the order in which the thread gave them', async (t) => {
  const thread = opened(t, {})
  const values = Array.from({ length: 50 }, (_, i) => i)
  const calls = values.map((value) => thread.call('echo', { value }))
  assert.equal(thread.pending, 50)
  assert.deepEqual(await settledOrder(calls), values)
  assert.deepEqual(await Promise.all(calls), values)
  assert.equal(thread.pending, 0)
  const late = [thread.call('echo', { value: 1, afterMs: 20 }), thread.call('echo', { value: 2 })]
  assert.deepEqual(await settledOrder(late), [1, 0])
})

test('what a reply is read as is made before the next reply is looked at', async (t) => {
  const thread = opened(t, {})
  const order: string[] = []
  const read = (value: unknown) => order.push(`read ${value}`)
  await Promise.all([
    thread.call('echo', { value: 1 }, { read }).then(() => order.push('done 1')),
    thread.call('echo', { value: 2 }).then(() => order.push('done 2')),
  ])
  assert.deepEqual(order, ['read 1', 'done 1', 'done 2'])
  const unreadable = thread.call('echo', { value: 3 }, { read: () => JSON.parse('{') })
  await assert.rejects(unreadable, SyntaxError)
})

test('an error with a code comes with all its members; another gets a code, and keeps its own', async (t) => {
  const thread = opened(t, {})
  await assert.rejects(thread.call('fail', 'coded'), (error) => {
    assert.ok(error instanceof AppError)
    assert.deepEqual([error.code, error.message], ['INVALID_REQUEST', 'bad k'])
    assert.deepEqual(error.issues, [{ path: '/k', message: 'too large' }])
    assert.equal(error.retryAfterSeconds, 7)
    assert.equal((error.cause as Error).message, 'disk full (SQLITE_FULL)')
    return true
  })
  await assert.rejects(thread.call('fail', 'system'), (error) => {
    failsWith('THREAD_FAILED', 'contract: fail failed: no room')(error)
    const cause = (error as AppError).cause as NodeJS.ErrnoException
    assert.deepEqual([cause.message, cause.code], ['no room', 'ENOSPC'])
    assert.match(cause.stack ?? '', /contract-thread/)
    return true
  })
  await assert.rejects(thread.call('fail', 'no error'), failsWith('THREAD_FAILED', 'a string'))
  assert.equal(await thread.call('echo', { value: 'still here' }), 'still here')
})

test('memory that is transferred moves, there and back', async (t) => {
  const thread = opened(t, {})
  const bytes = Uint8Array.of(1, 2, 3)
  const moved = thread.call('bytes', bytes, { transfer: [bytes.buffer] })
  assert.equal(bytes.byteLength, 0)
  assert.deepEqual(await moved, Uint8Array.of(1, 2, 3))
  assert.equal(await thread.call('lengthOfLast', undefined), 0)
  const kept = Uint8Array.of(4)
  assert.deepEqual(await thread.call('bytes', kept), kept)
})

test('a call that cannot be sent fails alone', async (t) => {
  const thread = opened(t, {})
  await assert.rejects(thread.call('echo', { value: () => 1 }), { name: 'DataCloneError' })
  assert.equal(thread.pending, 0)
  assert.equal(await thread.call('echo', { value: 2 }), 2)
})

for (const [how, words] of [
  ['exit', 'contract: its thread ended with exit code 7'],
  ['throw', 'contract: its thread failed: out of luck'],
] as const) {
  test(`when a thread ends by ${how}, calls that wait and later ones get that error`, async (t) => {
    const deaths: AppError[] = []
    const thread = opened(t, { onDeath: (error) => deaths.push(error) })
    const calls = [thread.call('never', undefined), thread.call('die', how)]
    for (const call of calls) await assert.rejects(call, failsWith('THREAD_FAILED', words))
    await assert.rejects(thread.call('echo', { value: 1 }), failsWith('THREAD_FAILED', words))
    await thread.close()
    assert.deepEqual(deaths, [thread.death])
  })
}

for (const start of ['always', 'on demand'] as const) {
  test(`a thread that starts ${start} is started again, and given what it has to know`, async (t) => {
    let facts = ['a']
    let starts = 0
    const firstNotices = () => {
      starts++
      return facts.map((value) => ({ type: 'notice', kind: 'note', value }) as const)
    }
    const thread = opened(t, { start, firstNotices })
    assert.equal(starts, start === 'always' ? 1 : 0)
    assert.deepEqual(await thread.call('notes', undefined), ['a'])
    thread.notify('note', 'b')
    assert.deepEqual(await thread.call('notes', undefined), ['a', 'b'])
    facts = ['a', 'b']
    const waiting = thread.call('never', undefined)
    await assert.rejects(thread.call('die', 'exit'), failsWith('THREAD_FAILED'))
    await assert.rejects(waiting, failsWith('THREAD_FAILED'))
    assert.equal(starts, start === 'always' ? 2 : 1)
    assert.deepEqual(await thread.call('notes', undefined), ['a', 'b'])
    assert.equal(thread.death, null)
  })
}

test('a fact is sent once, changed ones again, and all of them to a new worker', async (t) => {
  const thread = opened(t, { start: 'always' })
  const shared = new SharedArrayBuffer(4)
  const count = async () => (await thread.call('notes', undefined)).length
  for (const value of [
    { shared, n: 1 },
    { shared, n: 1 },
    { shared, n: 2 },
  ]) {
    thread.provide('note', value)
  }
  assert.equal(await count(), 2)
  await assert.rejects(thread.call('die', 'exit'))
  thread.provide('note', { shared, n: 2 })
  assert.equal(await count(), 1)
})

test('a thread that is terminated rejects what waits and what comes later', async (t) => {
  const closed = () => new AppError('SHUTTING_DOWN', 'closed')
  const thread = opened(t, { start: 'always', errors: { closed } })
  const waiting = assert.rejects(thread.call('never', undefined), failsWith('SHUTTING_DOWN'))
  const closing = thread.close()
  await assert.rejects(thread.call('echo', { value: 1 }), failsWith('SHUTTING_DOWN'))
  await Promise.all([closing, thread.close(), waiting])
  thread.provide('note', 1)
  assert.equal(thread.death, null)
})

test('a thread that finishes its calls before it ends refuses new ones meanwhile', async (t) => {
  const end = { after: 'all calls', withinMs: MINUTE_MS, late: 'terminate' } as const
  const thread = opened(t, { end })
  const call = thread.call('echo', { value: 'done', afterMs: 20 })
  const closing = thread.close()
  await assert.rejects(thread.call('echo', { value: 1 }), failsWith('THREAD_FAILED', 'closed'))
  assert.equal(await call, 'done')
  await closing
  assert.equal(thread.death, null)
})

test('a thread that ends after the call it is in rejects those that wait', async (t) => {
  const end = { after: 'this call', withinMs: MINUTE_MS, late: 'terminate' } as const
  const thread = opened(t, { end })
  const gate = new Int32Array(new SharedArrayBuffer(8))
  const calls = [thread.call('block', gate), thread.call('never', undefined)]
  const waiting = assert.rejects(calls[1]!, failsWith('THREAD_FAILED', 'closed'))
  const closing = thread.close()
  openGate(gate)
  await Promise.all([calls[0], closing, waiting])
})

test('a thread that does not end in time is given up, and that is told', async (t) => {
  const end = { after: 'all calls', withinMs: 20, late: 'terminate' } as const
  const thread = opened(t, { end })
  const waiting = assert.rejects(
    thread.call('never', undefined),
    failsWith('THREAD_FAILED', '0.02 s'),
  )
  await Promise.all([thread.close(), waiting])
  assert.match(thread.death?.message ?? '', /did not close within 0.02 s/)
})

test('no more calls and bytes wait than allowed, but for one call alone', async (t) => {
  const thread = opened(t, { maxCalls: 2, maxBytes: 100 })
  const send = (bytes: number) => thread.call('echo', { value: null, afterMs: 20 }, { bytes })
  const first = send(500)
  await assert.rejects(send(1), failsWith('QUEUE_FULL', 'at most 100 bytes', 'got 501'))
  await first
  const two = [send(50), send(50)]
  await assert.rejects(send(0), failsWith('QUEUE_FULL', 'at most 2 calls to wait for the contract'))
  await Promise.all(two)
  await send(1)
})

test('a thread that gives no answer in time is silent, then given up', async (t) => {
  const thread = opened(t, { answerWithinMs: 300 })
  await thread.ready(MINUTE_MS)
  const waiting = assert.rejects(
    thread.call('never', undefined),
    failsWith('THREAD_FAILED', '300 ms'),
  )
  assert.equal(thread.isSilent, false)
  while (!thread.isSilent) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(thread.pending, 1)
  await waiting
  await assert.rejects(thread.call('echo', { value: 1 }), failsWith('THREAD_FAILED', '300 ms'))
})

test('a thread to be left behind ends once it has replied, and is silent until then', async (t) => {
  const end = { after: 'all calls', withinMs: MINUTE_MS, late: 'leave behind' } as const
  const thread = opened(t, { answerWithinMs: 20, end })
  await thread.ready(MINUTE_MS)
  const gate = new Int32Array(new SharedArrayBuffer(8))
  await assert.rejects(thread.call('block', gate), failsWith('THREAD_FAILED', '20 ms'))
  await thread.close()
  assert.equal(thread.isSilent, true)
  assert.equal(gate[1], 0, 'it is in its call')
  openGate(gate)
  while (thread.isSilent) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(gate[1], 1, 'it was not ended in its call')
})

test('a call whose signal aborts ends in its thread, with the reason; others go on', async (t) => {
  const thread = opened(t, {})
  const reason = new AppError('CANCELLED', 'gone')
  const caller = new AbortController()
  const stopped = thread.call('slices', null, { signal: caller.signal })
  const other = new AbortController()
  const goesOn = thread.call('slices', null, { signal: other.signal })
  assert.equal(await thread.call('echo', { value: 'between' }), 'between')
  caller.abort(reason)
  await assert.rejects(stopped, (error) => error === reason)
  assert.equal(thread.pending, 1)
  assert.equal(await thread.call('echo', { value: 1 }), 1)
  other.abort(reason)
  await assert.rejects(goesOn, (error) => error === reason)
})

test('a call that reads no messages is stopped all the same', async (t) => {
  const thread = opened(t, {})
  const begun = new Int32Array(new SharedArrayBuffer(4))
  const caller = new AbortController()
  const stopped = thread.call('loop', begun, { signal: caller.signal })
  while (Atomics.load(begun, 0) === 0) await new Promise(setImmediate)
  caller.abort(new AppError('CANCELLED', 'late'))
  await assert.rejects(stopped, failsWith('CANCELLED', 'late'))
})

test('a call whose caller is gone before the thread comes to it is not begun', async (t) => {
  const thread = opened(t, {})
  const gate = new Int32Array(new SharedArrayBuffer(8))
  const busy = thread.call('block', gate)
  const begun = new Int32Array(new SharedArrayBuffer(4))
  const caller = new AbortController()
  const stopped = thread.call('loop', begun, { signal: caller.signal })
  caller.abort(new AppError('CANCELLED', 'gone'))
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
  await busy
  await assert.rejects(stopped, failsWith('CANCELLED', 'gone'))
  assert.equal(begun[0], 0)
})

test('a call whose caller is gone before it is sent is not sent', async (t) => {
  const thread = opened(t, {})
  const signal = AbortSignal.abort(new AppError('CANCELLED', 'gone'))
  await assert.rejects(thread.call('notes', undefined, { signal }), failsWith('CANCELLED'))
  assert.equal(thread.pending, 0)
})

test('what stopped one call stops no later one, also in a thread that was started again', async (t) => {
  const thread = opened(t, { start: 'always' })
  for (let round = 0; round < 3; round++) {
    const caller = new AbortController()
    const stopped = thread.call('slices', null, { signal: caller.signal })
    caller.abort(new AppError('CANCELLED', 'gone'))
    await assert.rejects(stopped, failsWith('CANCELLED'))
    const { signal } = new AbortController()
    assert.equal(await thread.call('isStopped', null, { signal }), false)
    if (round === 1) await assert.rejects(thread.call('die', 'exit'))
  }
})

test('a signal that aborts after the answer changes nothing', async (t) => {
  const thread = opened(t, {})
  const caller = new AbortController()
  assert.equal(await thread.call('echo', { value: 1 }, { signal: caller.signal }), 1)
  caller.abort(new AppError('CANCELLED', 'gone'))
  const { signal } = new AbortController()
  assert.equal(await thread.call('isStopped', null, { signal }), false)
})

test('a thread tells when it has started, and why it cannot', async (t) => {
  assert.equal(await opened(t, {}).ready<string>(MINUTE_MS), 'as ever')
  const refused = opened(t, {}, { start: 'refused' })
  await assert.rejects(refused.ready(MINUTE_MS), failsWith('MODEL_INVALID', 'no good'))
  await assert.rejects(refused.call('never', undefined), failsWith('THREAD_FAILED', 'closed'))
  assert.equal(refused.death, null, 'it was reported once')
  const unheard = opened(t, {}, { start: 'refused' })
  await assert.rejects(unheard.call('never', undefined), failsWith('THREAD_FAILED', 'no good'))
  const silent = opened(t, {}, { start: 'silent' })
  await assert.rejects(silent.ready(20), failsWith('THREAD_FAILED', 'not open within 0.02 s'))
})

test('a thread calls its client back, and reports in between', async (t) => {
  const progress: number[] = []
  const calls: ClientCalls = {
    add([a, b]) {
      if (b < 0) throw new AppError('INVALID_REQUEST', `expected no ${b}`)
      return a + b
    },
  }
  const notices: ClientNotices = { progress: (done) => progress.push(done) }
  const thread = opened(t, { calls, notices })
  assert.equal(await thread.call('sum', [1, 2, 3]), 6)
  assert.deepEqual(progress, [1, 2, 3])
  await assert.rejects(thread.call('sum', [1, -1]), failsWith('INVALID_REQUEST', 'expected no -1'))
})

test('an idle thread lets the process end, one that works does not', async () => {
  const program = fileURLToPath(new URL('./idle-process.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: MINUTE_MS })
  assert.equal(stdout, 'first\nsecond\n')
})
