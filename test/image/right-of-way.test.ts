import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RightOfWay } from '../../src/image/right-of-way.ts'
import { failsWith } from '../support/errors.ts'

interface Work {
  begun: boolean
  end(): void
  readonly ended: Promise<void>
}

/** Work under a right of way whose clock stands at `now.ms`. */
function make(options: Partial<ConstructorParameters<typeof RightOfWay>[0]> = {}) {
  const now = { ms: 0 }
  const way = new RightOfWay({ clock: () => now.ms, most: 3, searchingMs: 100, ...options })
  const begin = (priority: 'search' | 'bulk', signal?: AbortSignal): Work => {
    let end = () => {}
    const until = new Promise<void>((resolve) => {
      end = resolve
    })
    const state = { begun: false }
    const work = () => {
      state.begun = true
      return until
    }
    const ended = way.run(priority, work, signal)
    return {
      ended,
      end,
      get begun() {
        return state.begun
      },
    }
  }
  return { now, begin }
}

/** Lets what is due in the queue of promises happen. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
const begun = (works: readonly Work[]) => works.filter((work) => work.begun).length

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

test('searches never wait for each other or for images to store', async () => {
  const { begin } = make()
  const all = [...Array.from({ length: 3 }, () => begin('bulk')), begin('search'), begin('search')]
  await settled()
  assert.equal(begun(all), 5)
  await endAll(all)
})

test('work that fails gives its place free', async () => {
  const way = new RightOfWay({ clock: () => 0, most: 1 })
  for (const priority of ['bulk', 'search'] as const) {
    await assert.rejects(
      way.run(priority, () => Promise.reject(new Error('broken'))),
      /broken/,
    )
  }
  const later = new RightOfWay({ clock: () => 1000, most: 1 })
  assert.equal(await later.run('bulk', async () => 'next'), 'next')
  assert.equal(await way.run('bulk', async () => 'next'), 'next')
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
