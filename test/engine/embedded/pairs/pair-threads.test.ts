import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PairThreads } from '../../../../src/engine/embedded/pairs/pair-threads.ts'
import type { JoinTask } from '../../../../src/index/join/join-task.ts'
import type { RankTask } from '../../../../src/index/join/rank-task.ts'

test('however many joins there are, each thread has one slice at a time, in the order in which they came', async () => {
  const underWay = [0, 0]
  const order: unknown[][] = [[], []]
  const threads = underWay.map((_, lane) => ({
    call: async (_kind: string, task: unknown) => {
      order[lane]!.push(task)
      underWay[lane]!++
      assert.equal(underWay[lane], 1, `thread ${lane}`)
      await new Promise(setImmediate)
      underWay[lane]!--
      if (task === 3) throw new Error('3 is broken')
    },
  }))
  const pairs = new PairThreads(threads as never)
  const { signal } = new AbortController()
  const slices = Array.from({ length: 8 }, (_, join) => [
    pairs.join(0, join as unknown as JoinTask, signal),
    pairs.ranks(1, join as unknown as RankTask, signal),
  ]).flat()
  // Both threads are busy at once, and one that fails holds up no other.
  assert.deepEqual(
    (await Promise.allSettled(slices)).filter((one) => one.status === 'rejected').length,
    2,
  )
  assert.deepEqual(order, [
    Array.from({ length: 8 }, (_, i) => i),
    Array.from({ length: 8 }, (_, i) => i),
  ])
})
