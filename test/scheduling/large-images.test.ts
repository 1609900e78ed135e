import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ImageScheduler } from '../../src/scheduling/image-scheduler.ts'
import type { Priority } from '../../src/scheduling/priority-queue.ts'
import { failsWith } from '../support/errors.ts'

const MEBIBYTE = 1024 * 1024
const SMALL = 64 * MEBIBYTE
const LARGE = SMALL + 1

interface Work {
  /** Whether its pixels are being decoded: it has the memory that it needs. */
  decoding: boolean
  embedded: boolean
  /** The times that its decoding was begun. */
  begun: number
  end(): void
  readonly ended: Promise<void>
}

function make(processors: number) {
  const scheduler = new ImageScheduler({ clock: () => 0, processors })
  return (priority: Priority, sizes: number | readonly number[], signal?: AbortSignal): Work => {
    let resolve = () => {}
    const decoded = new Promise<void>((done) => {
      resolve = done
    })
    const work = { decoding: false, embedded: false, begun: 0, end: () => resolve() }
    const ended = scheduler.run(
      priority,
      {
        async decode(take) {
          work.begun++
          for (const bytes of [sizes].flat()) take(bytes)
          work.decoding = true
          await decoded
        },
        async embed() {
          work.embedded = true
        },
      },
      signal,
    )
    return Object.assign(work, { ended })
  }
}

/** Lets what is due in the queue of promises happen. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
const decoding = (works: readonly Work[]) => works.filter((work) => work.decoding).length

async function endAll(works: readonly Work[]): Promise<void> {
  for (const { end } of works) end()
  await Promise.all(works.map(({ ended }) => ended))
}

for (const priority of ['search', 'bulk'] as const) {
  test(`large images (${priority}) take at most 512 MiB together`, async () => {
    const begin = make(16)
    const works = Array.from({ length: 6 }, () => begin(priority, 200 * MEBIBYTE))
    await settled()
    assert.equal(decoding(works), 2)
    works[0]!.end()
    await settled()
    assert.equal(decoding(works), 3)
    await endAll(works)
  })

  test(`an image (${priority}) that needs more than 512 MiB is decoded while no other large one is`, async () => {
    const begin = make(16)
    const before = begin(priority, LARGE)
    const huge = begin(priority, 2000 * MEBIBYTE)
    const after = begin(priority, LARGE)
    await settled()
    assert.deepEqual([before.decoding, huge.decoding, after.decoding], [true, false, false])
    await endAll([before])
    await settled()
    assert.deepEqual([huge.decoding, after.decoding], [true, false])
    await endAll([huge])
    await settled()
    assert.equal(after.decoding, true)
    await endAll([after])
  })

  for (const large of ['search', 'bulk'] as const) {
    test(`a small image (${priority}) is decoded and embedded while 16 large ones (${large}) are or wait`, async () => {
      const begin = make(2)
      const works = Array.from({ length: 16 }, () => begin(large, 1000 * MEBIBYTE))
      await settled()
      assert.equal(decoding(works), 1)
      const small = begin(priority, SMALL)
      await settled()
      assert.equal(small.decoding, true)
      await endAll([small])
      assert.equal(small.embedded, true)
      await endAll(works)
    })
  }
}

test('one processor in four stays without a large image, and one of one has its turn', async () => {
  for (const [processors, most] of [
    [4, 3],
    [1, 1],
  ] as const) {
    const begin = make(processors)
    const works = Array.from({ length: 8 }, () => begin('search', LARGE))
    await settled()
    assert.equal(decoding(works), most)
    await endAll(works)
  }
})

test('an image whose second frame needs more memory than its first waits for that', async () => {
  const begin = make(16)
  const other = begin('search', 400 * MEBIBYTE)
  await settled()
  const film = begin('search', [SMALL, LARGE, 300 * MEBIBYTE])
  await settled()
  assert.deepEqual([film.decoding, film.begun], [false, 2])
  await endAll([other])
  await settled()
  assert.deepEqual([film.decoding, film.begun], [true, 3])
  await endAll([film])
})

test('a large image that its caller gave up frees its place in the queue', async () => {
  const begin = make(1)
  const first = begin('search', LARGE)
  const controller = new AbortController()
  const second = begin('search', LARGE, controller.signal)
  const third = begin('search', LARGE)
  await settled()
  controller.abort()
  await assert.rejects(second.ended, failsWith('CANCELLED'))
  await endAll([first])
  await settled()
  assert.deepEqual([second.decoding, third.decoding], [false, true])
  await endAll([third])
})

test('a large image that fails leaves its memory to the next', async () => {
  const scheduler = new ImageScheduler({ clock: () => 0, processors: 1 })
  const failing = scheduler.run('search', {
    async decode(take) {
      take(LARGE)
      throw new Error('broken')
    },
    embed: async () => undefined,
  })
  await assert.rejects(failing, { message: 'broken' })
  const next = scheduler.run('search', {
    decode: async (take) => take(LARGE),
    embed: async () => 'embedded',
  })
  assert.equal(await next, 'embedded')
})

test('64 large searches wait, and one more is refused', async () => {
  const begin = make(1)
  const works = Array.from({ length: 65 }, () => begin('search', LARGE))
  await settled()
  await assert.rejects(begin('search', LARGE).ended, failsWith('QUEUE_FULL'))
  await endAll(works)
})
