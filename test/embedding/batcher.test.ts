import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Batcher, type BatcherOptions, type Outcome } from '../../src/embedding/batcher.ts'
import { AppError } from '../../src/errors.ts'
import { failsWith } from '../support/errors.ts'
import { ManualTimers } from '../support/manual-timers.ts'

interface Batch {
  readonly items: readonly number[]
  finish(outcomes?: readonly Outcome<number>[]): void
  fail(error: Error): void
}

/** A batcher whose runner waits to be told; by default it answers ten times the item. */
function make(options: Partial<BatcherOptions> = {}) {
  const timers = new ManualTimers()
  const batches: Batch[] = []
  const run = (items: readonly number[]) =>
    new Promise<readonly Outcome<number>[]>((resolve, reject) => {
      const tenfold = () => items.map((item) => ({ kind: 'done' as const, value: item * 10 }))
      batches.push({ items, finish: (given) => resolve(given ?? tenfold()), fail: reject })
    })
  const batcher = new Batcher(run, timers, { maxBatch: 3, maxDelayMs: 2, ...options })
  return { batcher, timers, batches }
}

/** Lets what is due in the queue of promises happen. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

test('items wait for company as long as allowed, and no longer', async () => {
  const { batcher, timers, batches } = make()
  const one = batcher.submit(1)
  timers.advance(1)
  const two = batcher.submit(2)
  assert.equal(batches.length, 0)
  timers.advance(1)
  assert.deepEqual(batches[0]?.items, [1, 2])
  batches[0]?.finish()
  assert.deepEqual(await Promise.all([one, two]), [10, 20])
  assert.equal(timers.running, 0)
})

test('a full batch starts at once', async () => {
  const { batcher, timers, batches } = make()
  const all = Promise.all([1, 2, 3].map((item) => batcher.submit(item)))
  assert.deepEqual(batches[0]?.items, [1, 2, 3])
  assert.equal(timers.running, 0)
  batches[0]?.finish()
  assert.deepEqual(await all, [10, 20, 30])
})

test('what came during a batch goes on as soon as it is done, in order, at most a batch', async () => {
  const { batcher, batches } = make()
  const all = Promise.all([1, 2, 3, 4, 5, 6, 7].map((item) => batcher.submit(item)))
  assert.equal(batches.length, 1)
  batches[0]?.finish()
  await settled()
  assert.deepEqual(batches[1]?.items, [4, 5, 6])
  batches[1]?.finish()
  await settled()
  assert.deepEqual(batches[2]?.items, [7])
  batches[2]?.finish()
  assert.deepEqual(await all, [10, 20, 30, 40, 50, 60, 70])
})

test('a full queue refuses at once and says when to come again', async () => {
  const { batcher, batches } = make({ maxBatch: 1, maxWaiting: 2 })
  const all = Promise.all([1, 2, 3].map((item) => batcher.submit(item)))
  await assert.rejects(batcher.submit(4), (error) => {
    assert.ok(error instanceof AppError)
    assert.equal(error.retryAfterSeconds, 1)
    return failsWith('QUEUE_FULL', '2 images')(error)
  })
  for (let i = 0; i < 3; i++) {
    batches[i]?.finish()
    await settled()
  }
  assert.deepEqual(await all, [10, 20, 30])
})

test('one bad item does not spoil its neighbours', async () => {
  const { batcher, batches } = make()
  const all = Promise.allSettled([1, 2, 3].map((item) => batcher.submit(item)))
  batches[0]?.finish([
    { kind: 'done', value: 10 },
    { kind: 'failed', error: new AppError('NO_USABLE_EMBEDDING', 'zero') },
    { kind: 'done', value: 30 },
  ])
  const [one, two, three] = await all
  assert.deepEqual(one, { status: 'fulfilled', value: 10 })
  assert.equal(two?.status === 'rejected' && two.reason.code, 'NO_USABLE_EMBEDDING')
  assert.deepEqual(three, { status: 'fulfilled', value: 30 })
})

test('a batch that fails as a whole rejects its items, and the next one runs', async () => {
  const { batcher, timers, batches } = make()
  const first = batcher.submit(1)
  timers.advance(2)
  batches[0]?.fail(new AppError('THREAD_FAILED', 'gone'))
  await assert.rejects(first, failsWith('THREAD_FAILED'))
  await settled()
  const second = batcher.submit(2)
  timers.advance(2)
  batches[1]?.finish()
  assert.equal(await second, 20)
})

test('a runner that loses an outcome fails the batch instead of leaving a caller waiting', async () => {
  const { batcher, batches } = make()
  const all = Promise.allSettled([1, 2, 3].map((item) => batcher.submit(item)))
  batches[0]?.finish([{ kind: 'done', value: 10 }])
  assert.deepEqual(
    (await all).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
})

test('a caller that gives up while waiting frees its place', async () => {
  const { batcher, timers, batches } = make({ maxWaiting: 1 })
  const controller = new AbortController()
  const one = batcher.submit(1, { signal: controller.signal })
  controller.abort()
  await assert.rejects(one, failsWith('CANCELLED'))
  assert.equal(batcher.waiting, 0)
  assert.equal(timers.running, 0)
  const two = batcher.submit(2)
  timers.advance(2)
  assert.deepEqual(batches[0]?.items, [2])
  batches[0]?.finish()
  assert.equal(await two, 20)
})

test('a caller that gives up while its batch runs is answered at once, its neighbour later', async () => {
  const { batcher, timers, batches } = make()
  const controller = new AbortController()
  const one = batcher.submit(1, { signal: controller.signal })
  const two = batcher.submit(2)
  timers.advance(2)
  controller.abort()
  await assert.rejects(one, failsWith('CANCELLED'))
  batches[0]?.finish()
  assert.equal(await two, 20)
})

test('a caller that had given up before is refused', async () => {
  const { batcher } = make()
  await assert.rejects(batcher.submit(1, { signal: AbortSignal.abort() }), failsWith('CANCELLED'))
})

test('a search goes into the next batch before bulk work that waits', async () => {
  const { batcher, batches } = make({ maxBatch: 2 })
  const bulk = [1, 2, 3, 4, 5].map((item) => batcher.submit(item, { priority: 'bulk' }))
  const search = batcher.submit(6, { priority: 'search' })
  batches[0]?.finish()
  await settled()
  assert.deepEqual(batches[1]?.items, [6, 3])
  batches[1]?.finish()
  await settled()
  batches[2]?.finish()
  assert.deepEqual(await Promise.all([...bulk, search]), [10, 20, 30, 40, 50, 60])
})

test('bulk work that fills its places leaves those of searches free', async () => {
  const { batcher, batches } = make({ maxBatch: 1, maxWaiting: 1 })
  const bulk = [1, 2].map((item) => batcher.submit(item, { priority: 'bulk' }))
  await assert.rejects(batcher.submit(3, { priority: 'bulk' }), failsWith('QUEUE_FULL'))
  const search = batcher.submit(4)
  for (let i = 0; i < 3; i++) {
    batches[i]?.finish()
    await settled()
  }
  assert.deepEqual(await Promise.all([...bulk, search]), [10, 20, 40])
})

test('closing rejects what waits and later calls, and lets the running batch end', async () => {
  const { batcher, timers, batches } = make({ maxBatch: 1 })
  const running = batcher.submit(1)
  const waiting = batcher.submit(2)
  const closed = batcher.close()
  await assert.rejects(waiting, failsWith('SHUTTING_DOWN'))
  await assert.rejects(batcher.submit(3), failsWith('SHUTTING_DOWN'))
  batches[0]?.finish()
  assert.equal(await running, 10)
  await closed
  assert.equal(batches.length, 1)
  assert.equal(timers.running, 0)
})

test('options out of range are refused at construction', () => {
  for (const options of [{ maxBatch: 0 }, { maxWaiting: Number.NaN }, { maxDelayMs: -1 }]) {
    assert.throws(() => make(options), RangeError, JSON.stringify(options))
  }
})
