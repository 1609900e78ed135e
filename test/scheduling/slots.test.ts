import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Slots } from '../../src/scheduling/slots.ts'
import { failsWith } from '../support/errors.ts'

const turn = { priority: 'search' } as const
const options = { maxRunning: 1, maxBulkRunning: 1, maxWaiting: 1, retryAfterSeconds: 3 }

/** Work that ends when told to. */
function work() {
  const state = { begun: false, finish: (_: string): void => undefined }
  const promise = new Promise<string>((resolve) => {
    state.finish = resolve
  })
  const run = () => {
    state.begun = true
    return promise
  }
  return { state, run }
}

test('work beyond the bound waits its turn, and beyond that is refused with a time', async () => {
  const slots = new Slots(options)
  const [first, second] = [work(), work()]
  const one = slots.run(first.run, turn)
  const two = slots.run(second.run, turn)
  await assert.rejects(
    slots.run(work().run, turn),
    (error: Error & { retryAfterSeconds?: number }) => {
      assert.equal(error.retryAfterSeconds, 3)
      return failsWith('QUEUE_FULL', '1 images')(error)
    },
  )
  assert.deepEqual([first.state.begun, second.state.begun], [true, false])
  first.state.finish('a')
  second.state.finish('b')
  assert.deepEqual(await Promise.all([one, two]), ['a', 'b'])
  assert.equal(second.state.begun, true)
})

test('work that fails frees its slot', async () => {
  const slots = new Slots(options)
  await assert.rejects(
    slots.run(() => Promise.reject(new Error('broken')), turn),
    /broken/,
  )
  assert.equal(await slots.run(async () => 'next', turn), 'next')
})

test('a caller that gives up while waiting frees its place and never begins', async () => {
  const slots = new Slots(options)
  const [first, second, third] = [work(), work(), work()]
  const one = slots.run(first.run, turn)
  const controller = new AbortController()
  const two = slots.run(second.run, { ...turn, signal: controller.signal })
  controller.abort()
  await assert.rejects(two, failsWith('CANCELLED'))
  const three = slots.run(third.run, turn)
  first.state.finish('a')
  third.state.finish('c')
  assert.deepEqual(await Promise.all([one, three]), ['a', 'c'])
  assert.equal(second.state.begun, false)
})

test('a search takes the next slot before bulk work that waits', async () => {
  const slots = new Slots({ ...options, maxWaiting: 2 })
  const order: string[] = []
  const running = work()
  const noted = (name: string) => async () => void order.push(name)
  const all = [
    slots.run(running.run, { priority: 'bulk' }),
    slots.run(noted('bulk'), { priority: 'bulk' }),
    slots.run(noted('search'), { priority: 'search' }),
  ]
  running.state.finish('')
  await Promise.all(all)
  assert.deepEqual(order, ['search', 'bulk'])
})

test('bulk work leaves a slot to searches', async () => {
  const slots = new Slots({ ...options, maxRunning: 2 })
  const [first, second, search] = [work(), work(), work()]
  const all = [
    slots.run(first.run, { priority: 'bulk' }),
    slots.run(second.run, { priority: 'bulk' }),
    slots.run(search.run, { priority: 'search' }),
  ]
  await Promise.resolve()
  assert.deepEqual([second.state.begun, search.state.begun], [false, true])
  search.state.finish('c')
  first.state.finish('a')
  second.state.finish('b')
  assert.deepEqual(await Promise.all(all), ['a', 'b', 'c'])
})
