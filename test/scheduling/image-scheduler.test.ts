import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../src/errors.ts'
import { ImageScheduler } from '../../src/scheduling/image-scheduler.ts'
import type { Priority } from '../../src/scheduling/priority-queue.ts'
import { failsWith } from '../support/errors.ts'

interface Work {
  /** Whether its decoding has begun, and its embedding. */
  begun: boolean
  embedded: boolean
  endDecoding(): void
  /** Ends both halves. */
  end(): void
  readonly ended: Promise<void>
}

/** A scheduler whose clock stands at `now.ms`. Beside searches, four processors let one image to store through. */
function make({ processors = 4 } = {}) {
  const now = { ms: 0 }
  const scheduler = new ImageScheduler({ clock: () => now.ms, processors })
  const begin = (priority: Priority, signal?: AbortSignal): Work => {
    const halves = [half(), half()] as const
    const state = { begun: false, embedded: false }
    const decode = () => {
      state.begun = true
      return halves[0].ended
    }
    const embed = () => {
      state.embedded = true
      return halves[1].ended
    }
    const ended = scheduler.run(priority, { decode, embed }, signal)
    return {
      ended,
      endDecoding: halves[0].end,
      end() {
        for (const { end } of halves) end()
      },
      get begun() {
        return state.begun
      },
      get embedded() {
        return state.embedded
      },
    }
  }
  const beginMany = (count: number, priority: Priority) => {
    return Array.from({ length: count }, () => begin(priority))
  }
  return { now, scheduler, begin, beginMany }
}

function half(): { readonly ended: Promise<void>; end(): void } {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { ended, end: () => end() }
}

/** Lets what is due in the queue of promises happen. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
const begun = (works: readonly Work[]) => works.filter((work) => work.begun).length
const embedded = (works: readonly Work[]) => works.filter((work) => work.embedded).length

async function endAll(works: readonly Work[]): Promise<void> {
  for (const { end } of works) end()
  await Promise.all(works.map(({ ended }) => ended))
}

test('while nobody searches, 96 images to store are on their way', async () => {
  const { beginMany } = make({ processors: 200 })
  const bulk = beginMany(100, 'bulk')
  await settled()
  assert.equal(begun(bulk), 96)
  bulk[0]!.end()
  await settled()
  assert.equal(begun(bulk), 97)
  await endAll(bulk)
})

test('beside a search and for a second after it one image to store is on its way', async () => {
  const { now, begin, beginMany } = make()
  const search = begin('search')
  const bulk = beginMany(5, 'bulk')
  await settled()
  assert.equal(begun(bulk), 1)
  now.ms = 5000
  await endAll([search])
  bulk[0]!.end()
  now.ms = 5999
  await settled()
  assert.equal(begun(bulk), 2)
  now.ms = 6000
  bulk[1]!.end()
  await settled()
  assert.equal(begun(bulk), 5)
  await endAll(bulk)
})

test('beside searches one image to store is on its way for every four processors', async () => {
  for (const [processors, wanted] of [
    [1, 1],
    [4, 1],
    [5, 2],
    [16, 4],
  ] as const) {
    const { begin, beginMany } = make({ processors })
    const search = begin('search')
    const bulk = beginMany(20, 'bulk')
    await settled()
    assert.equal(begun(bulk), wanted, `${processors} processors`)
    await endAll([search, ...bulk])
  }
})

test('what was on its way before a search goes on, and nothing follows it', async () => {
  const { begin, beginMany } = make()
  const bulk = beginMany(3, 'bulk')
  await settled()
  for (const { endDecoding } of bulk) endDecoding()
  await settled()
  const search = begin('search')
  bulk.push(begin('bulk'))
  bulk[0]!.end()
  bulk[1]!.end()
  await settled()
  assert.equal(begun(bulk), 3)
  bulk[2]!.end()
  await settled()
  assert.equal(begun(bulk), 4)
  await endAll([search, ...bulk])
})

test('images to store are embedded between searches, one at a time', async () => {
  const { begin, beginMany } = make()
  const bulk = beginMany(3, 'bulk')
  await settled()
  const searches = [begin('search'), begin('search')] as const
  for (const { endDecoding } of bulk) endDecoding()
  await settled()
  assert.equal(embedded(bulk), 0)
  await endAll([searches[0]])
  assert.equal(embedded(bulk), 0)
  await endAll([searches[1]])
  await settled()
  assert.equal(embedded(bulk), 1)
  bulk[0]!.end()
  await settled()
  assert.equal(embedded(bulk), 2)
  const third = begin('search')
  bulk[1]!.end()
  await settled()
  assert.equal(embedded(bulk), 2)
  await endAll([third, ...bulk])
})

test('searches without a pause let one decoded image through after seven of them', async () => {
  // Eight processors: two images to store may be on their way beside searches.
  const { begin, beginMany } = make({ processors: 8 })
  const bulk = beginMany(2, 'bulk')
  await settled()
  let search = begin('search')
  for (const { endDecoding } of bulk) endDecoding()
  for (let ended = 0; ended < 7; ended++) {
    await settled()
    assert.equal(embedded(bulk), 0, `after ${ended} searches`)
    const next = begin('search')
    await endAll([search])
    search = next
  }
  await settled()
  assert.equal(embedded(bulk), 1)
  await endAll([search, ...bulk])
})

test('a decoded image whose caller gives up is not embedded, and makes room', async () => {
  const { begin } = make()
  const search = begin('search')
  const controller = new AbortController()
  const bulk = [begin('bulk', controller.signal), begin('bulk')] as const
  bulk[0].endDecoding()
  await settled()
  assert.deepEqual([bulk[0].begun, bulk[1].begun], [true, false])
  controller.abort()
  await assert.rejects(bulk[0].ended, failsWith('CANCELLED'))
  await settled()
  assert.deepEqual([bulk[0].embedded, bulk[1].begun], [false, true])
  await endAll([search, bulk[1]])
})

test('searches wait neither for each other nor for images to store while decoders are free', async () => {
  const { beginMany } = make()
  const all = [...beginMany(3, 'bulk'), ...beginMany(2, 'search')]
  await settled()
  assert.equal(begun(all), 5)
  await endAll(all)
})

test('as many images to store as there are processors are decoded, and one search more', async () => {
  const { scheduler, beginMany } = make({ processors: 1 })
  const bulk = beginMany(2, 'bulk')
  await settled()
  const searches = beginMany(2, 'search')
  await settled()
  assert.deepEqual([begun(bulk), begun(searches)], [1, 1])
  assert.equal(scheduler.waitingForDecoder, 2)
  await endAll([...bulk, ...searches])
  assert.equal(scheduler.waitingForDecoder, 0)
})

test('a search takes the next decoder before images to store that wait', async () => {
  const { beginMany } = make({ processors: 1 })
  const bulk = beginMany(2, 'bulk')
  await settled()
  const searches = beginMany(2, 'search')
  await settled()
  bulk[0]!.endDecoding()
  await settled()
  assert.deepEqual([begun(bulk), begun(searches)], [1, 2])
  searches[0]!.endDecoding()
  await settled()
  assert.equal(begun(bulk), 2)
  await endAll([...bulk, ...searches])
})

test('searches that wait for a decoder are 256; one more is refused with a time', async () => {
  const { scheduler, begin, beginMany } = make({ processors: 1 })
  const searches = beginMany(2 + 256, 'search')
  assert.equal(scheduler.waitingForDecoder, 256)
  await assert.rejects(begin('search').ended, (error) => {
    assert.ok(error instanceof AppError)
    assert.equal(error.retryAfterSeconds, 1)
    return failsWith('QUEUE_FULL', '256 images waiting to be decoded')(error)
  })
  await endAll(searches)
})

test('a search whose caller gives up while it waits frees its place and never begins', async () => {
  const { begin, beginMany } = make({ processors: 1 })
  const running = beginMany(2, 'search')
  const controller = new AbortController()
  const waiting = begin('search', controller.signal)
  controller.abort()
  await assert.rejects(waiting.ended, failsWith('CANCELLED'))
  const next = begin('search')
  await endAll([...running, next])
  assert.deepEqual([waiting.begun, next.begun], [false, true])
})

test('work that fails in either half gives its place free', async () => {
  const scheduler = new ImageScheduler({ clock: () => 0, processors: 1 })
  const fine = { decode: async () => 'next', embed: async (decoded: string) => decoded }
  const broken = () => Promise.reject(new Error('broken'))
  // More often than there are places of any kind.
  for (let i = 0; i < 100; i++) {
    for (const priority of ['bulk', 'search'] as const) {
      for (const half of ['decode', 'embed'] as const) {
        await assert.rejects(scheduler.run(priority, { ...fine, [half]: broken }), /broken/)
      }
    }
  }
  assert.equal(await scheduler.run('bulk', fine), 'next')
  assert.equal(await scheduler.run('search', fine), 'next')
})

test('images to store that wait are 1024; one more is refused, and one that gives up frees its place', async () => {
  const { begin, beginMany } = make()
  const search = begin('search')
  const running = begin('bulk')
  const controller = new AbortController()
  const waiting = [begin('bulk', controller.signal), ...beginMany(1023, 'bulk')] as const
  await assert.rejects(begin('bulk').ended, failsWith('QUEUE_FULL', '1024 images'))
  controller.abort()
  await assert.rejects(waiting[0].ended, failsWith('CANCELLED'))
  const next = begin('bulk')
  await endAll([search, running, ...waiting.slice(1), next])
  assert.deepEqual([waiting[0].begun, next.begun], [false, true])
  await assert.rejects(begin('bulk', AbortSignal.abort()).ended, failsWith('CANCELLED'))
})

test('a number of processors out of range is refused', () => {
  for (const processors of [0, 1.5, Number.NaN]) {
    assert.throws(() => make({ processors }), RangeError, String(processors))
  }
})
