import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Batcher } from '../../src/embedding/batcher.ts'
import { AppError } from '../../src/errors.ts'
import { failsWith } from '../support/errors.ts'

interface Batch {
  readonly items: readonly number[]
  finish(outcomes?: readonly (number | Error)[]): void
  fail(error: Error): void
}

/** A batcher whose runner waits to be finished; unless given others its outcomes are ten times the items. */
function make({ maxBatch = 3 } = {}) {
  const batches: Batch[] = []
  const run = (items: readonly number[]) =>
    new Promise<readonly (number | Error)[]>((resolve, reject) => {
      const tenfold = () => items.map((item) => item * 10)
      batches.push({ items, finish: (given) => resolve(given ?? tenfold()), fail: reject })
    })
  const batcher = new Batcher({ run, maxBatch })
  return { batcher, batches }
}

/** Lets what is due in the queue of promises happen. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** As `make`, with a batch running, so that what is submitted next waits until it is finished. */
function makeBusy(options: { maxBatch?: number } = {}) {
  const { batcher, batches } = make(options)
  const first = batcher.submit(0)
  const free = async () => {
    batches.shift()?.finish()
    assert.equal(await first, 0)
    await settled()
  }
  return { batcher, batches, free }
}

test('an item starts at once when nothing runs', async () => {
  const { batcher, batches } = make()
  for (const item of [1, 2]) {
    const answer = batcher.submit(item)
    assert.deepEqual(batches[item - 1]?.items, [item])
    batches[item - 1]?.finish()
    assert.equal(await answer, item * 10)
    await settled()
  }
})

test('what came during a batch goes on as soon as it is done, in order, at most a batch', async () => {
  const { batcher, batches, free } = makeBusy()
  const all = Promise.all([1, 2, 3, 4, 5, 6, 7].map((item) => batcher.submit(item)))
  await settled()
  assert.equal(batches.length, 1)
  await free()
  assert.deepEqual(batches[0]?.items, [1, 2, 3])
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
  const { batcher, batches } = make({ maxBatch: 128 })
  // One runs, 256 wait.
  const all = Promise.all(Array.from({ length: 257 }, (_, item) => batcher.submit(item)))
  await assert.rejects(batcher.submit(4), (error) => {
    assert.ok(error instanceof AppError)
    assert.equal(error.retryAfterSeconds, 1)
    return failsWith('QUEUE_FULL', '256 images')(error)
  })
  for (let i = 0; i < 3; i++) {
    batches[i]?.finish()
    await settled()
  }
  assert.deepEqual(
    await all,
    Array.from({ length: 257 }, (_, item) => item * 10),
  )
})

test('one bad item does not spoil its neighbours', async () => {
  const { batcher, batches, free } = makeBusy()
  const all = Promise.allSettled([1, 2, 3].map((item) => batcher.submit(item)))
  await free()
  batches[0]?.finish([10, new AppError('NO_USABLE_EMBEDDING', 'zero'), 30])
  const [one, two, three] = await all
  assert.deepEqual(one, { status: 'fulfilled', value: 10 })
  assert.equal(two?.status === 'rejected' && two.reason.code, 'NO_USABLE_EMBEDDING')
  assert.deepEqual(three, { status: 'fulfilled', value: 30 })
})

test('a batch that fails as a whole rejects its items, and the next one runs', async () => {
  const { batcher, batches } = make()
  const first = batcher.submit(1)
  batches[0]?.fail(new AppError('THREAD_FAILED', 'gone'))
  await assert.rejects(first, failsWith('THREAD_FAILED'))
  await settled()
  const second = batcher.submit(2)
  batches[1]?.finish()
  assert.equal(await second, 20)
})

test('a runner that loses an outcome fails the batch instead of leaving a caller waiting', async () => {
  const { batcher, batches, free } = makeBusy()
  const all = Promise.allSettled([1, 2, 3].map((item) => batcher.submit(item)))
  await free()
  batches[0]?.finish([10])
  assert.deepEqual(
    (await all).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
})

test('a caller that gives up while waiting frees its place', async () => {
  const { batcher, batches, free } = makeBusy()
  const controller = new AbortController()
  const one = batcher.submit(1, { signal: controller.signal })
  controller.abort()
  await assert.rejects(one, failsWith('CANCELLED'))
  assert.equal(batcher.waiting, 0)
  const two = batcher.submit(2)
  await free()
  assert.deepEqual(batches[0]?.items, [2])
  batches[0]?.finish()
  assert.equal(await two, 20)
})

test('a caller that gives up while its batch runs is answered at once, its neighbour later', async () => {
  const { batcher, batches, free } = makeBusy()
  const controller = new AbortController()
  const one = batcher.submit(1, { signal: controller.signal })
  const two = batcher.submit(2)
  await free()
  controller.abort()
  await assert.rejects(one, failsWith('CANCELLED'))
  batches[0]?.finish()
  assert.equal(await two, 20)
})

test('a caller that had given up before is refused, and the next one is served', async () => {
  const { batcher, batches } = make()
  await assert.rejects(batcher.submit(1, { signal: AbortSignal.abort() }), failsWith('CANCELLED'))
  const next = batcher.submit(2)
  batches[0]?.finish()
  assert.equal(await next, 20)
})

test('a search goes before bulk work that waits, in a batch without any', async () => {
  const { batcher, batches, free } = makeBusy({ maxBatch: 2 })
  const bulk = [1, 2, 3, 4, 5].map((item) => batcher.submit(item, { priority: 'bulk' }))
  const search = batcher.submit(6, { priority: 'search' })
  await free()
  assert.deepEqual(batches[0]?.items, [6])
  for (let i = 0; i < 4; i++) {
    batches[i]?.finish()
    await settled()
  }
  assert.deepEqual(batches[1]?.items, [1, 2])
  assert.deepEqual(await Promise.all([...bulk, search]), [10, 20, 30, 40, 50, 60])
})

test('bulk work that fills its places leaves those of searches free', async () => {
  const { batcher, batches } = make({ maxBatch: 256 })
  const bulk = Array.from({ length: 257 }, () => batcher.submit(1, { priority: 'bulk' }))
  await assert.rejects(batcher.submit(1, { priority: 'bulk' }), failsWith('QUEUE_FULL'))
  const search = batcher.submit(4)
  for (let i = 0; i < 3; i++) {
    batches[i]?.finish()
    await settled()
  }
  assert.deepEqual(
    batches.map(({ items }) => items.length),
    [1, 1, 256],
  )
  assert.deepEqual(new Set(await Promise.all(bulk)), new Set([10]))
  assert.equal(await search, 40)
})

test('closing rejects what waits and later calls, and lets the running batch end', async () => {
  const { batcher, batches } = make({ maxBatch: 1 })
  const running = batcher.submit(1)
  const waiting = batcher.submit(2)
  const closed = batcher.close()
  await assert.rejects(waiting, failsWith('SHUTTING_DOWN'))
  await assert.rejects(batcher.submit(3), failsWith('SHUTTING_DOWN'))
  batches[0]?.finish()
  assert.equal(await running, 10)
  await closed
  assert.equal(batches.length, 1)
})

/** A batcher with two runners; `batches` has those of the first, `others` those of the second. */
function makeJoined() {
  const { batcher, batches } = make({ maxBatch: 2 })
  const others: Batch[] = []
  const run = (items: readonly number[]) =>
    new Promise<readonly number[]>((resolve, reject) => {
      const finish = () => resolve(items.map((item) => item * 100))
      others.push({ items, finish, fail: reject })
    })
  let failures = 0
  batcher.join([{ run, maxBatch: 1 }], () => failures++)
  return { batcher, batches, others, failures: () => failures }
}

test('a runner that joined takes bulk work, and keeps the first one free for searches', async () => {
  const { batcher, batches, others } = makeJoined()
  const bulk = [1, 2].map((item) => batcher.submit(item, { priority: 'bulk' }))
  const search = batcher.submit(3)
  assert.deepEqual(
    [batches.map(({ items }) => items), others.map(({ items }) => items)],
    [[[3]], [[1]]],
  )
  batches[0]?.finish()
  others[0]?.finish()
  await settled()
  assert.deepEqual(others[1]?.items, [2])
  others[1]?.finish()
  assert.deepEqual(await Promise.all([...bulk, search]), [100, 200, 30])
})

test('runners that joined share what waits, also where one could take it whole', async () => {
  const { batcher } = make({ maxBatch: 1 })
  const sizes: number[] = []
  const run = async (items: readonly number[]) => {
    sizes.push(items.length)
    await new Promise((resolve) => setImmediate(resolve))
    return items
  }
  // They find all four waiting: the two runners join in one call.
  const held = batcher.alone(async () => {
    const bulk = [1, 2, 3, 4].map((item) => batcher.submit(item, { priority: 'bulk' }))
    batcher.join(
      [
        { run, maxBatch: 8 },
        { run, maxBatch: 8 },
      ],
      () => undefined,
    )
    return await Promise.all(bulk)
  })
  assert.deepEqual(await held, [1, 2, 3, 4])
  assert.deepEqual(sizes, [2, 2])
})

test('a runner that joined takes searches for which the first one has no time', async () => {
  const { batcher, batches, others } = makeJoined()
  const both = Promise.all([batcher.submit(1), batcher.submit(2)])
  assert.equal(batches.length + others.length, 2)
  batches[0]?.finish()
  others[0]?.finish()
  assert.deepEqual(await both, [10, 200])
})

test('the batch that a runner that joined rejects is done first of all, and by another', async () => {
  const { batcher, batches, others, failures } = makeJoined()
  const bulk = [1, 2, 3].map((item) => batcher.submit(item, { priority: 'bulk' }))
  others[0]?.fail(new AppError('THREAD_FAILED', 'the thread ended'))
  await settled()
  assert.deepEqual([failures(), others.length], [1, 1])
  assert.deepEqual(batches[0]?.items, [1, 2])
  batches[0]?.finish()
  await settled()
  batches[1]?.finish()
  assert.deepEqual(await Promise.all(bulk), [10, 20, 30])
})

test('of a batch that a runner rejects after it has left, only what was not cancelled is done again', async () => {
  const { batcher, batches, others } = makeJoined()
  const caller = new AbortController()
  const cancelled = batcher.submit(1, { priority: 'bulk', signal: caller.signal })
  const left = batcher.leave()
  caller.abort()
  await assert.rejects(cancelled, failsWith('CANCELLED'))
  others[0]?.fail(new Error('it fell'))
  await left
  assert.deepEqual([batcher.waiting, batches.length], [0, 0])
})

test('a batch that a runner that joined rejects while all is closed fails', async () => {
  const { batcher, others } = makeJoined()
  const image = batcher.submit(1, { priority: 'bulk' })
  const closed = batcher.close()
  others[0]?.fail(new AppError('THREAD_FAILED', 'the thread ended'))
  await assert.rejects(image, failsWith('THREAD_FAILED'))
  await closed
})

test('when the others have left, the first runner takes all again', async () => {
  const { batcher, batches, others } = makeJoined()
  const bulk = [1, 2, 3].map((item) => batcher.submit(item, { priority: 'bulk' }))
  const left = batcher.leave()
  assert.deepEqual(batches[0]?.items, [2, 3])
  batches[0]?.finish()
  others[0]?.finish()
  await left
  assert.deepEqual(await Promise.all(bulk), [100, 20, 30])
})

test('what is done alone waits for the running batch, and the next one for it', async () => {
  const { batcher, batches, free } = makeBusy()
  let finish = () => {}
  let began = false
  const alone = batcher.alone(() => {
    began = true
    return new Promise<void>((resolve) => {
      finish = resolve
    })
  })
  const next = batcher.submit(1)
  await settled()
  assert.equal(began, false)
  await free()
  assert.deepEqual([began, batches.length], [true, 0])
  finish()
  await alone
  assert.deepEqual(batches[0]?.items, [1])
  batches[0]?.finish()
  assert.equal(await next, 10)
})

test('a size of batch out of range is refused at construction', () => {
  for (const maxBatch of [0, 1.5, Number.NaN]) {
    assert.throws(() => make({ maxBatch }), RangeError, String(maxBatch))
  }
})
