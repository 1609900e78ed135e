import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerError } from '../../../src/index/statistics/answer-error.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { assertClose } from '../../support/assert-close.ts'

/** Objects at distances 1, 2, 4, 8, … by name. */
function doubling(names: string) {
  return [...names].map((id, i) => ({ id, distance: 2 ** i }))
}

test('the exact answer has no error', () => {
  const exact = doubling('abcdef')
  assert.deepEqual(answerError(exact.slice(0, 3), exact, 6), { distance: 0, position: 0 })
})

test('an answer that misses one is off by the places and distances behind it', () => {
  const exact = doubling('abcdef')
  const approximate = exact.filter(({ id }) => id !== 'b').slice(0, 3)
  // a, c, d for a, b, c: distances 1, 4, 8 for 1, 2, 4; places 0, 2, 3 for 0, 1, 2; 6 objects.
  const error = answerError(approximate, exact, 6)
  assertClose(error.distance!, (0 + 1 + 1) / 3, 'the error on distances')
  assertClose(error.position, (0 + 1 + 1) / 3 / 6, 'the error on position')
})

test('ties that are missed cost a place and no distance', () => {
  const exact = ['a', 'b', 'c'].map((id) => ({ id, distance: 5 }))
  assert.deepEqual(answerError([exact[2]!], exact, 3), { distance: 0, position: 2 / 3 })
})

test('where the exact distance is 0 there is no relative error', () => {
  const exact = [
    { id: 'same', distance: 0 },
    { id: 'far', distance: 3 },
  ]
  assert.deepEqual(answerError([exact[1]!], exact, 2), { distance: null, position: 1 / 2 })
})

test('the error on position is that of counting the nearer objects', () => {
  const seed = 9
  const random = seededRandom(seed)
  const distances = Array.from({ length: 200 }, () => random())
  const all = distances.map((distance, i) => ({ id: `${i}`, distance }))
  const exact = all.toSorted((a, b) => a.distance - b.distance)
  const approximate = exact.filter(() => random() < 0.3).slice(0, 20)
  let sum = 0
  for (const { distance } of approximate) {
    const nearer = distances.filter((other) => other < distance).length
    sum += nearer - approximate.filter((other) => other.distance < distance).length
  }
  const { position } = answerError(approximate, exact, 200)
  assertClose(position, sum / (20 * 200), `the error on position, seed ${seed}`)
})
