import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { LinearScan } from '../../../src/index/metric/linear-scan.ts'
import { checkedMetric } from '../../../src/vector/metric/checked-metric.ts'
import { euclidean } from '../../../src/vector/metric/minkowski.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { squaredEuclidean } from '../../../src/vector/squared-euclidean.ts'
import { failsWith } from '../../support/errors.ts'
import { gaussianVectors, HARD_SETS } from '../../support/random-vectors.ts'

const random = seededRandom(5)
const plane = gaussianVectors(random, 100, 2)

function oneMinusCosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!
    aa += a[i]! * a[i]!
    bb += b[i]! * b[i]!
  }
  return a === b ? 0 : 1 - dot / Math.sqrt(aa * bb)
}

test('a plain function does not compile where a metric is wanted', () => {
  const slack = { relative: 0, absolute: 0 }
  // Never called: the compiler is what is tested.
  const build = () => [
    // @ts-expect-error: a squared distance carries no brand.
    new LinearScan<Float32Array>({ name: 'squared', slack, distance: squaredEuclidean }),
    // @ts-expect-error: nor does 1 - cos.
    new LinearScan<Float32Array>(oneMinusCosine),
  ]
  assert.equal(build.length, 0)
  assert.equal(new LinearScan(euclidean).size, 0)
})

test('only the metrics themselves give out the brand', () => {
  const wrong = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith(join('vector', 'metric')))
    .filter((file) => readFileSync(join('src', file), 'utf8').includes('brandMetric'))
  assert.deepEqual(wrong, [])
})

test('a true metric of the caller is taken, and computes what it did', () => {
  const metric = checkedMetric('mine', euclidean.distance, plane, random)
  assert.equal(metric.name, 'mine')
  assert.equal(metric.distance(plane[0]!, plane[1]!), euclidean.distance(plane[0]!, plane[1]!))
})

test('a squared distance is refused, naming three objects and their distances', () => {
  for (const sample of [plane, HARD_SETS.clustered!(random, 64, 16)]) {
    assert.throws(
      () => checkedMetric('squared', squaredEuclidean, sample, random),
      failsWith(
        'NOT_A_METRIC',
        /squared\(\d+, \d+\) = .* exceeds squared\(\d+, \d+\) \+ squared\(/,
      ),
    )
  }
})

test('1 - cos is refused on directions at 0, 45 and 90 degrees', () => {
  const sample = [Float32Array.of(1, 0), Float32Array.of(1, 1), Float32Array.of(0, 1)]
  assert.throws(
    () => checkedMetric('cosine', oneMinusCosine, sample, random),
    failsWith('NOT_A_METRIC', 'exceeds', '0.29289'),
  )
})

test('functions that are negative, not symmetric, not 0 to themselves or not numbers are refused', () => {
  const numbers = [1, 2, 4, 8]
  const wrong: [string, (a: number, b: number) => number, string][] = [
    ['negative', (a, b) => (a === b ? 0 : -1), 'at least 0'],
    ['crooked', (a, b) => (a < b ? b - a : 2 * (a - b)), 'but crooked('],
    ['restless', (a, b) => 1 + Math.abs(a - b), 'expected 0'],
    ['missing', (a, b) => (a === b ? 0 : Number.NaN), 'finite'],
    ['endless', (a, b) => (a === b ? 0 : Number.POSITIVE_INFINITY), 'finite'],
  ]
  for (const [name, distance, word] of wrong) {
    assert.throws(
      () => checkedMetric(name, distance, numbers, random),
      failsWith('NOT_A_METRIC', name, word),
    )
  }
})

test('a sample that can show nothing, and slack that hides everything, are refused', () => {
  const distance = (a: number, b: number) => Math.abs(a - b)
  assert.throws(
    () => checkedMetric('few', distance, [1, 2], random),
    failsWith('NOT_A_METRIC', 'at least 3', 'got 2'),
  )
  assert.throws(
    () => checkedMetric('lax', distance, [1, 2, 3], random, { relative: 0.5, absolute: 0 }),
    failsWith('INVALID_REQUEST', '0.5'),
  )
})
