import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RightOfWay } from '../../src/scheduling/right-of-way.ts'
import { failsWith } from '../support/errors.ts'

interface Work {
  /** Whether it is being decoded, or was, and the same of embedding. */
  begun: boolean
  embedded: boolean
  endDecoding(): void
  /** Both halves. */
  end(): void
  readonly ended: Promise<void>
}

/** Work under a right of way whose clock stands at `now.ms`. */
function make(options: Partial<ConstructorParameters<typeof RightOfWay>[0]> = {}) {
  const now = { ms: 0 }
  const way = new RightOfWay({ clock: () => now.ms, most: 3, searchingMs: 100, ...options })
  const begin = (priority: 'search' | 'bulk', signal?: AbortSignal): Work => {
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
    const ended = way.run(priority, { decode, embed }, signal)
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
  return { now, begin }
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

test('while nobody searches, as many images to store as allowed are on their way', async () => {
  const { begin } = make()
  const bulk = Array.from({ length: 5 }, () => begin('bulk'))
  await settled()
  assert.equal(begun(bulk), 3)
  bulk[0]?.end()
  await settled()
  assert.equal(begun(bulk), 4)
  await endAll(bulk)
})

test('beside a search and shortly after it one image to store is on its way', async () => {
  const { now, begin } = make()
  const search = begin('search')
  const bulk = Array.from({ length: 5 }, () => begin('bulk'))
  await settled()
  assert.equal(begun(bulk), 1)
  now.ms = 1000
  await endAll([search])
  bulk[0]?.end()
  now.ms = 1099
  await settled()
  assert.equal(begun(bulk), 2)
  now.ms = 1100
  bulk[1]?.end()
  await settled()
  assert.equal(begun(bulk), 5)
  await endAll(bulk)
})

test('what was on its way before a search goes on, and nothing follows it', async () => {
  const { begin } = make()
  const bulk = Array.from({ length: 4 }, () => begin('bulk'))
  await settled()
  for (const { endDecoding } of bulk) endDecoding()
  await settled()
  const search = begin('search')
  bulk[0]?.end()
  bulk[1]?.end()
  await settled()
  assert.equal(begun(bulk), 3)
  bulk[2]?.end()
  await settled()
  assert.equal(begun(bulk), 4)
  await endAll([search, ...bulk])
})

test('images to store are embedded between searches, one at a time', async () => {
  const { begin } = make()
  const bulk = Array.from({ length: 3 }, () => begin('bulk'))
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

test('searches without a pause let a decoded image through after seven of them', async () => {
  const { begin } = make()
  const bulk = begin('bulk')
  await settled()
  let search = begin('search')
  bulk.endDecoding()
  for (let ended = 0; ended < 7; ended++) {
    await settled()
    assert.equal(bulk.embedded, false, `after ${ended} searches`)
    const next = begin('search')
    await endAll([search])
    search = next
  }
  await settled()
  assert.equal(bulk.embedded, true)
  await endAll([search, bulk])
})

test('a decoded image whose caller gives up is not embedded, and makes room', async () => {
  const { begin } = make({ most: 1 })
  const controller = new AbortController()
  const bulk = [begin('bulk', controller.signal), begin('bulk')] as const
  await settled()
  const search = begin('search')
  bulk[0].endDecoding()
  await settled()
  controller.abort()
  await assert.rejects(bulk[0].ended, failsWith('CANCELLED'))
  assert.deepEqual([bulk[0].embedded, bulk[1].begun], [false, true])
  await endAll([search, bulk[1]])
})

test('searches never wait for each other or for images to store', async () => {
  const { begin } = make()
  const all = [...Array.from({ length: 3 }, () => begin('bulk')), begin('search'), begin('search')]
  await settled()
  assert.equal(begun(all), 5)
  await endAll(all)
})

test('work that fails in either half gives its place free', async () => {
  const way = new RightOfWay({ clock: () => 0, most: 1 })
  const fine = { decode: async () => 'next', embed: async (decoded: string) => decoded }
  const broken = () => Promise.reject(new Error('broken'))
  for (const priority of ['bulk', 'search'] as const) {
    for (const half of ['decode', 'embed'] as const) {
      await assert.rejects(way.run(priority, { ...fine, [half]: broken }), /broken/)
    }
  }
  assert.equal(await way.run('bulk', fine), 'next')
  assert.equal(await way.run('search', fine), 'next')
})

test('more that would wait than allowed are refused, and one that gives up frees its place', async () => {
  const { begin } = make({ most: 1, maxWaiting: 1 })
  const running = begin('bulk')
  const controller = new AbortController()
  const waiting = begin('bulk', controller.signal)
  await assert.rejects(begin('bulk').ended, failsWith('QUEUE_FULL', '1 images'))
  controller.abort()
  await assert.rejects(waiting.ended, failsWith('CANCELLED'))
  const next = begin('bulk')
  await endAll([running])
  await settled()
  assert.deepEqual([waiting.begun, next.begun], [false, true])
  await endAll([next])
  await assert.rejects(begin('bulk', AbortSignal.abort()).ended, failsWith('CANCELLED'))
})

test('bounds out of range are refused', () => {
  for (const options of [{ most: 0 }, { besideSearches: 1.5 }, { maxWaiting: Number.NaN }]) {
    assert.throws(() => make(options), RangeError, JSON.stringify(options))
  }
})
