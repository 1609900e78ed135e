import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberClasses } from '../../../src/evaluation/class-numbers.ts'
import { type ClassedFeatures, pickRows } from '../../../src/learning/classed-features.ts'
import { linearLayers, mapRows, transformRows } from '../../../src/learning/feature-transform.ts'
import { foldScatters } from '../../../src/learning/start/fold-scatters.ts'
import {
  identityAffine,
  principalAffine,
  startAffines,
  whitenedAffine,
} from '../../../src/learning/start/head-start.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { assertClose } from '../../support/assert-close.ts'
import { plainProducts } from '../../support/plain-products.ts'
import { syntheticClasses } from '../../support/synthetic-classes.ts'
import { unitFeatures } from '../../support/unit-features.ts'

const SEED = 21
const WIDTH = 8
const data = syntheticClasses(seededRandom(SEED), seededRandom(22), 12, 6, WIDTH)
const features = unitFeatures(data.features, WIDTH)
const classed = { features, numbers: numberClasses(data.labels.map(String)) }
const sumsOf = (rows: ClassedFeatures) => ({
  covariances: () => foldScatters([() => rows], plainProducts)([0]),
  products: plainProducts,
})
const whitened = (rows: ClassedFeatures, outputs: number) =>
  whitenedAffine(rows, { outputs, orFewer: false }, sumsOf(rows))

/** By plain loops: the mean over images of the products of what differs from the class's mean. */
function withinClasses(): number[][] {
  const sums = Array.from({ length: WIDTH }, () => new Array<number>(WIDTH).fill(0))
  for (const rows of data.members) {
    const of = (row: number) => features.values.subarray(row * WIDTH, (row + 1) * WIDTH)
    const mean = Array.from({ length: WIDTH }, (_, i) =>
      rows.reduce((sum, row) => sum + of(row)[i]! / rows.length, 0),
    )
    for (const row of rows) {
      for (let i = 0; i < WIDTH; i++) {
        for (let j = 0; j < WIDTH; j++) {
          sums[i]![j]! += ((of(row)[i]! - mean[i]!) * (of(row)[j]! - mean[j]!)) / features.count
        }
      }
    }
  }
  return sums
}

test('after whitening, the variance within classes and its ridge are the same in every direction', async () => {
  const within = withinClasses()
  const ridge = within.reduce((sum, row, i) => sum + row[i]!, 0) / WIDTH
  const { weight, outputs } = await whitened(classed, WIDTH)
  const form = (a: number, b: number) => {
    let sum = 0
    for (let i = 0; i < WIDTH; i++) {
      for (let j = 0; j < WIDTH; j++) {
        const between = within[i]![j]! + (i === j ? ridge : 0)
        sum += weight[i * outputs + a]! * between * weight[j * outputs + b]!
      }
    }
    return sum
  }
  for (let a = 0; a < outputs; a++) {
    for (let b = 0; b <= a; b++) {
      const wanted = a === b ? form(0, 0) : 0
      assertClose(form(a, b) / form(0, 0), wanted / form(0, 0), `seed ${SEED}: ${a}, ${b}`, 1e-5)
    }
  }
})

test('what is whitened is centred, without correlation, the largest variance first, and of the size of a projection', async () => {
  const affine = await whitened(classed, 3)
  const { values } = mapRows(features, affine)
  const covariance = (a: number, b: number) => {
    let sum = 0
    for (let row = 0; row < features.count; row++)
      sum += values[row * 3 + a]! * values[row * 3 + b]!
    return sum / features.count
  }
  for (let a = 0; a < 3; a++) {
    let mean = 0
    for (let row = 0; row < features.count; row++) mean += values[row * 3 + a]! / features.count
    assertClose(mean, 0, `mean ${a}, seed ${SEED}`, 1e-6)
    for (let b = 0; b < a; b++) assertClose(covariance(a, b), 0, `${a}, ${b}, seed ${SEED}`, 1e-6)
    if (a > 0) assert.ok(covariance(a, a) <= covariance(a - 1, a - 1))
  }
  const squared = affine.weight.reduce((sum, value) => sum + value * value, 0)
  assertClose(squared, 3, `seed ${SEED}`, 1e-5)
})

test('with fewer images than dimensions the whitening is that of the same images twice, by the covariance', async () => {
  const [seed, width, outputs] = [23, 60, 20]
  const drawn = syntheticClasses(seededRandom(seed), seededRandom(24), 8, 5, width)
  const rows = unitFeatures(drawn.features, width)
  const labels = drawn.labels.map(String)
  const few = { features: rows, numbers: numberClasses(labels) }
  const { weight, bias } = await whitened(few, outputs)
  // Mean and covariances stay, but now there are as many rows as dimensions.
  const twice = new Float32Array(2 * rows.values.length)
  twice.set(rows.values)
  twice.set(rows.values, rows.values.length)
  const doubled = { values: twice, count: 2 * rows.count, dimensions: width }
  const numbered = numberClasses([...labels, ...labels])
  const wanted = await whitened({ features: doubled, numbers: numbered }, outputs)
  assert.ok(rows.count < width && doubled.count >= width)
  for (const [i, value] of weight.entries()) {
    assertClose(value, wanted.weight[i]!, `seed ${seed}: weight ${i}`, 1e-5)
  }
  for (const [i, value] of bias.entries()) {
    assertClose(value, wanted.bias[i]!, `seed ${seed}: bias ${i}`, 1e-5)
  }
})

test('where the images of a class are all equal the whitening is the PCA', async () => {
  const alone = { features, numbers: numberClasses(data.labels.map((_, i) => String(i))) }
  const pca = await principalAffine(features, 4, sumsOf(alone))
  assert.deepEqual(await whitened(alone, 4), pca)
})

test('a start from inner maps is the whitening of those rows, with one number less than there are rows', async () => {
  const sums = sumsOf(classed)
  const few = pickRows(features, data.labels.map(String), [0, 1, 6, 7, 12])
  const wide = { rows: few, sums: sumsOf(few) }
  const start = await startAffines(classed, 6, sums, wide).of('inner')
  assert.deepEqual(start, await whitened(few, 4))
  const all = await startAffines(few, 6, sumsOf(few), { rows: classed, sums }).of('inner')
  assert.deepEqual(all, await whitened(classed, 6))
})

test('with an image twice, a start from inner maps needs no sums over all dimensions, and has one number less', async () => {
  const [seed, width] = [25, 60]
  const drawn = syntheticClasses(seededRandom(seed), seededRandom(26), 8, 5, width)
  const rows = unitFeatures(drawn.features, width)
  rows.values.copyWithin(width, 0, width)
  const twice = { features: rows, numbers: numberClasses(drawn.labels.map(String)) }
  const unused = async () => assert.fail(`seed ${seed}: the covariances are looked for`)
  const wide = { rows: twice, sums: { covariances: unused, products: plainProducts } }
  const start = await startAffines(classed, width, sumsOf(classed), wide).of('inner')
  assert.equal(start!.outputs, rows.count - 2)
  const most = await whitened(twice, rows.count - 2)
  assert.deepEqual(start, most)
})

test('where all images of a class are equal, a start from inner maps has one number less than classes', async () => {
  const [seed, width, classes, each] = [27, 60, 8, 5]
  const drawn = syntheticClasses(seededRandom(seed), seededRandom(28), classes, each, width)
  const rows = unitFeatures(drawn.features, width)
  for (const members of drawn.members) {
    const [first] = members
    for (const row of members)
      rows.values.copyWithin(row * width, first! * width, (first! + 1) * width)
  }
  const equal = { features: rows, numbers: numberClasses(drawn.labels.map(String)) }
  const unused = async () => assert.fail(`seed ${seed}: the covariances are looked for`)
  const wide = { rows: equal, sums: { covariances: unused, products: plainProducts } }
  const start = await startAffines(classed, width, sumsOf(classed), wide).of('inner')
  assert.equal(start!.outputs, classes - 1)
})

test('the identity changes nothing', () => {
  const got = transformRows(features, {
    kind: 'head',
    layers: linearLayers(identityAffine(WIDTH)),
  })
  for (const [i, value] of got.values.entries())
    assertClose(value, features.values[i]!, `${i}`, 1e-6)
})
