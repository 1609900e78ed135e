import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lanes, type Priority } from '../../src/scheduling/lanes.ts'

/** Lanes that hold `searches` and `bulk` entries, named by lane and order. */
function filled({ searches, bulk }: { searches: number; bulk: number }): Lanes<string> {
  const lanes = new Lanes<string>(1000)
  for (let i = 0; i < bulk; i++) lanes.add(`bulk ${i}`, 'bulk')
  for (let i = 0; i < searches; i++) lanes.add(`search ${i}`, 'search')
  return lanes
}

/** Everything that waits, in the order of its turns. */
function drain(lanes: Lanes<string>): string[] {
  const order: string[] = []
  for (let next = lanes.take(); next !== undefined; next = lanes.take()) order.push(next)
  return order
}

test('a search passes all bulk work that came before it', () => {
  assert.deepEqual(drain(filled({ searches: 2, bulk: 2 })), [
    ...['search 0', 'search 1', 'bulk 0', 'bulk 1'],
  ])
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

test('each lane has its own room', () => {
  const lanes = new Lanes<number>(1)
  lanes.add(1, 'bulk')
  const full = (priority: Priority) => lanes.isFull(priority)
  assert.deepEqual([full('bulk'), full('search')], [true, false])
  lanes.delete(1, 'bulk')
  assert.deepEqual([full('bulk'), lanes.size], [false, 0])
})
