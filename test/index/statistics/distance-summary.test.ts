import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  chavezDimension,
  quantile,
  summariseDistances,
} from '../../../src/index/statistics/distance-summary.ts'
import { gaussian, seededRandom } from '../../../src/vector/random.ts'
import { assertClose } from '../../support/assert-close.ts'

test('a quantile lies linearly between its neighbours', () => {
  const sorted = Float64Array.of(1, 2, 4, 8)
  assert.deepEqual(
    [0, 1 / 3, 0.5, 2 / 3, 1].map((share) => quantile(sorted, share)),
    [1, 2, 3, 4, 8],
  )
  assert.equal(quantile(Float64Array.of(7), 0.3), 7)
})

test('the summary of 0, 1, … 100 is that of the uniform distribution on whole numbers', () => {
  const sorted = Float64Array.from({ length: 101 }, (_, i) => i)
  const { mean, standardDeviation, quantiles, histogram } = summariseDistances(sorted)
  assert.equal(mean, 50)
  assertClose(standardDeviation, Math.sqrt((101 ** 2 - 1) / 12), 'the deviation')
  for (const { share, distance } of quantiles)
    assertClose(distance, 100 * share, `quantile ${share}`)
  assert.deepEqual(
    histogram.map(({ share }) => Math.round(share * 101)),
    [...Array.from({ length: 19 }, () => 5), 6],
  )
  assert.deepEqual([histogram[0]?.from, histogram.at(-1)?.to], [0, 100])
})

test('equal distances make one bin that holds all', () => {
  const { histogram } = summariseDistances(Float64Array.of(2, 2, 2))
  assert.deepEqual(histogram, [{ from: 2, to: 2, share: 1 }])
})

test('rho of uniform numbers on a line is 1: mean 1/3, variance 1/18', () => {
  const n = 400
  const distances: number[] = []
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) distances.push((i - j) / n)
  assertClose(chavezDimension(Float64Array.from(distances)) ?? 0, 1, 'rho', 0.02)
})

test('rho of normal vectors is that of the chi distribution with their dimensions', () => {
  const seed = 3
  const random = seededRandom(seed)
  const distances = Float64Array.from({ length: 40_000 }, () => {
    let squares = 0
    for (let i = 0; i < 4; i++) squares += 2 * gaussian(random) ** 2
    return Math.sqrt(squares)
  })
  // Chi with 4 degrees of freedom: mean 3 sqrt(pi / 8), second moment 4.
  const mean = 3 * Math.sqrt(Math.PI / 8)
  const wanted = mean ** 2 / (2 * (4 - mean ** 2))
  const rho = chavezDimension(distances) ?? 0
  assert.ok(Math.abs(rho / wanted - 1) < 0.03, `seed ${seed}: got ${rho}, expected about ${wanted}`)
})

test('distances that are all equal have no dimension', () => {
  assert.equal(chavezDimension(Float64Array.of(2, 2, 2)), null)
})
