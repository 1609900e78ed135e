import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../src/errors.ts'
import { type Priority, PriorityQueue } from '../../src/scheduling/priority-queue.ts'
import { failsWith } from '../support/errors.ts'

function make(room = 1000) {
  return new PriorityQueue<string, string>({
    room,
    what: 'images waiting to be decoded',
    wanted: 'a decoded image',
  })
}

type Queue = ReturnType<typeof make>

/** A queue that holds `searches` and `bulk` items, named by priority and order. */
function filled({ searches, bulk }: { searches: number; bulk: number }): Queue {
  const queue = make()
  for (let i = 0; i < bulk; i++) void queue.enter(`bulk ${i}`, 'bulk', undefined)
  for (let i = 0; i < searches; i++) void queue.enter(`search ${i}`, 'search', undefined)
  return queue
}

/** Everything that waits, in the order of its turns. */
function drain(queue: Queue): string[] {
  const order: string[] = []
  while (queue.size > 0) order.push(queue.take()[0]!.item)
  return order
}

test('a search passes all bulk work that came before it', () => {
  const order = drain(filled({ searches: 2, bulk: 2 }))
  assert.deepEqual(order, ['search 0', 'search 1', 'bulk 0', 'bulk 1'])
})

test('bulk work gets one turn in eight however many searches wait', () => {
  const order = drain(filled({ searches: 80, bulk: 5 }))
  const turns = order.flatMap((name, i) => (name.startsWith('bulk') ? [i] : []))
  assert.deepEqual(turns, [7, 15, 23, 31, 39])
  assert.deepEqual(
    order.filter((name) => name.startsWith('search')),
    Array.from({ length: 80 }, (_, i) => `search ${i}`),
  )
})

test('turns that nobody takes are not counted as searches', () => {
  const queue = make()
  for (let i = 0; i < 20; i++) assert.deepEqual(queue.take({ searchesOnly: true }), [])
  void queue.enter('bulk', 'bulk', undefined)
  void queue.enter('search', 'search', undefined)
  assert.deepEqual(drain(queue), ['search', 'bulk'])
})

test('bulk work is passed over where only searches are taken', () => {
  const queue = filled({ searches: 1, bulk: 1 })
  assert.equal(queue.take({ searchesOnly: true })[0]?.item, 'search 0')
  assert.deepEqual(queue.take({ searchesOnly: true }), [])
  assert.equal(queue.take()[0]?.priority, 'bulk')
})

test('a batch is of one priority, in order, and counts as one turn', () => {
  const queue = filled({ searches: 16, bulk: 3 })
  const batches = Array.from({ length: 10 }, () => queue.take({ most: 2 }).map(({ item }) => item))
  assert.deepEqual(batches[0], ['search 0', 'search 1'])
  assert.deepEqual(batches.slice(6), [
    ['search 12', 'search 13'],
    ['bulk 0', 'bulk 1'],
    ['search 14', 'search 15'],
    ['bulk 2'],
  ])
})

test('each priority has its own room, and one item more is refused at once with a time', async () => {
  const queue = make(1)
  const enter = (priority: Priority) => queue.enter('', priority, undefined)
  void enter('bulk')
  await assert.rejects(enter('bulk'), (error) => {
    assert.ok(error instanceof AppError)
    assert.equal(error.retryAfterSeconds, 1)
    return failsWith('QUEUE_FULL', '1 images waiting to be decoded')(error)
  })
  void enter('search')
  assert.equal(queue.size, 2)
})

test('a caller gets what whoever takes the item makes of it', async () => {
  const queue = make()
  const both = [queue.enter('a', 'bulk', undefined), queue.enter('b', 'bulk', undefined)] as const
  queue.take()[0]!.resolve('done')
  queue.take()[0]!.reject(new Error('broken'))
  assert.equal(await both[0], 'done')
  await assert.rejects(both[1], /broken/)
})

test('a caller that gives up is answered at once, and frees its place', async () => {
  const queue = make(1)
  await assert.rejects(queue.enter('', 'bulk', AbortSignal.abort()), failsWith('CANCELLED'))
  const controller = new AbortController()
  const waiting = queue.enter('waiting', 'bulk', controller.signal)
  controller.abort()
  await assert.rejects(waiting, failsWith('CANCELLED', 'a decoded image'))
  void queue.enter('next', 'bulk', undefined)
  assert.deepEqual(drain(queue), ['next'])
})

test('a caller may also give up once its item is taken, until it is settled', async () => {
  const queue = make()
  const controllers = [new AbortController(), new AbortController()] as const
  const both = controllers.map(({ signal }) => queue.enter('', 'bulk', signal))
  const [first, second] = queue.take({ most: 2 })
  second!.resolve('in time')
  for (const controller of controllers) controller.abort()
  first!.resolve('too late')
  await assert.rejects(both[0]!, failsWith('CANCELLED'))
  assert.equal(await both[1], 'in time')
})
