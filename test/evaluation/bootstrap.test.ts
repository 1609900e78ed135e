import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bootstrapIntervals } from '../../src/evaluation/bootstrap.ts'
import { type ClassSums, measureRecord } from '../../src/evaluation/class-sums.ts'
import { liftOf } from '../../src/evaluation/lift.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'

const IMAGES = 10

/** Classes of ten images; each class has its own chance of success, whose mean is one half. */
function successes(random: () => number, classes: number): number[] {
  return Array.from({ length: classes }, () => {
    const chance = random()
    let sum = 0
    for (let i = 0; i < IMAGES; i++) if (random() < chance) sum++
    return sum
  })
}

function weightedMean(sums: readonly number[], weights: Uint32Array): number {
  const total = sums.reduce((sum, value, i) => sum + value * weights[i]!, 0)
  return total / (IMAGES * weights.reduce((sum, weight) => sum + weight, 0))
}

test('95 % intervals hold the truth in about 95 % of data sets drawn, though images of a class agree', () => {
  const seed = 11
  const random = seededRandom(seed)
  let held = 0
  for (let set = 0; set < 300; set++) {
    const sums = successes(random, 40)
    const [[low, high]] = bootstrapIntervals(
      40,
      (weights) => [weightedMean(sums, weights)],
      random,
      {
        resamples: 200,
      },
    ) as [readonly [number, number]]
    if (low <= 0.5 && 0.5 <= high) held++
  }
  assert.ok(held >= 267 && held <= 297, `seed ${seed}: ${held} of 300`)
})

test('an interval leaves the same share of resamples below as above', () => {
  const random = seededRandom(12)
  const sums = successes(random, 50)
  const seen: number[] = []
  const statistic = (weights: Uint32Array) => {
    seen.push(weightedMean(sums, weights))
    return [seen.at(-1)!]
  }
  const options = { resamples: 1000, level: 0.9 }
  const [[low, high]] = bootstrapIntervals(50, statistic, random, options) as [[number, number]]
  assert.equal(seen.length, 1000)
  assertClose(seen.filter((value) => value < low).length, 50, 'below', 5)
  assertClose(seen.filter((value) => value > high).length, 50, 'above', 5)
})

test('every resample draws as many classes as there are', () => {
  const statistic = (weights: Uint32Array) => [weights.reduce((sum, weight) => sum + weight, 0)]
  assert.deepEqual(bootstrapIntervals(7, statistic, seededRandom(13)), [[7, 7]])
})

function sumsOf(perClass: readonly number[]): ClassSums {
  return {
    queries: Float64Array.from(perClass, () => IMAGES),
    sums: measureRecord(() => Float64Array.from(perClass, (value) => value * IMAGES)),
  }
}

test('a lift is paired: a gain in every class is certain though classes differ widely', () => {
  const before = [0.1, 0.9, 0.4, 0.8, 0.2]
  const after = before.map((value) => value + 0.05)
  const { mapAtR } = liftOf(sumsOf(before), sumsOf(after), seededRandom(14))
  assertClose(mapAtR.value, 0.05, 'lift')
  assertClose(mapAtR.interval[0], 0.05, 'low')
  assertClose(mapAtR.interval[1], 0.05, 'high')
})

test('a lift between different images is refused', () => {
  const compare = () => liftOf(sumsOf([1, 1]), sumsOf([1]), seededRandom(15))
  assert.throws(compare, /the same images/)
})
