import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liftOf } from '../../src/evaluation/averages.ts'
import { type ClassSums, measureRecord } from '../../src/evaluation/class-sums.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'

const IMAGES = 10

function sumsOf(perClass: readonly number[]): ClassSums {
  return {
    queries: Float64Array.from(perClass, () => IMAGES),
    sums: measureRecord(() => Float64Array.from(perClass, (value) => value * IMAGES)),
  }
}

test('a lift is paired: a gain in every class is certain though classes differ widely', () => {
  const before = [0.1, 0.9, 0.4, 0.8, 0.2]
  const after = before.map((value) => value + 0.05)
  const lift = liftOf(sumsOf(before), sumsOf(after), seededRandom(14))
  assertClose(lift.value, 0.05, 'lift')
  assertClose(lift.interval[0], 0.05, 'low')
  assertClose(lift.interval[1], 0.05, 'high')
})

test('a lift between different images is refused', () => {
  const compare = () => liftOf(sumsOf([1, 1]), sumsOf([1]), seededRandom(15))
  assert.throws(compare, /the same images/)
})
