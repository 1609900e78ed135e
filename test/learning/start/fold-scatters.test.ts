import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ClassedFeatures, pickRows } from '../../../src/learning/classed-features.ts'
import { foldScatters } from '../../../src/learning/start/fold-scatters.ts'
import { gaussian, seededRandom } from '../../../src/vector/random.ts'
import { assertClose } from '../../support/assert-close.ts'
import { plainCovariance } from '../../support/plain-covariance.ts'
import { plainProducts } from '../../support/plain-products.ts'

const SEED = 71
const WIDTH = 5
const random = seededRandom(SEED)
// Far from 0, so that what is taken away for the mean is large beside what is left.
const rows = (count: number) => ({
  values: Float32Array.from(
    { length: count * WIDTH },
    (_, i) => 20 + (i % WIDTH) + gaussian(random),
  ),
  count,
  dimensions: WIDTH,
})

/** The covariance of each class apart, weighted by its images. */
function plainWithin({ features, numbers }: ClassedFeatures): Float64Array {
  const within = new Float64Array(WIDTH * WIDTH)
  const labels = Array.from(numbers.classes, (number) => numbers.names[number]!)
  for (const name of numbers.names) {
    const own = [...labels.keys()].filter((row) => labels[row] === name)
    const { features: alone } = pickRows(features, labels, own)
    for (const [i, value] of plainCovariance(alone).entries()) {
      within[i]! += (value * own.length) / features.count
    }
  }
  return within
}

test('covariances of some folds are those of their rows together', async () => {
  const features = rows(60)
  // Fold of a class: its number modulo 3; classes of 1 to 9 images.
  const labels = Array.from({ length: 60 }, (_, i) => String(Math.floor(Math.sqrt(i) * 1.5)))
  const inFolds = (folds: readonly number[]) => {
    const own = [...labels.keys()].filter((row) => folds.includes(Number(labels[row]) % 3))
    return pickRows(features, labels, own)
  }
  const made: number[] = []
  const products: typeof plainProducts = (left, right) => {
    made.push(left.dimensions)
    return plainProducts(left, right)
  }
  const covariancesOf = foldScatters(
    [0, 1, 2].map((fold) => () => inFolds([fold])),
    products,
  )
  for (const folds of [[1, 2], [0, 2], [0, 1], [0, 1, 2], [1]]) {
    const got = await covariancesOf(folds)
    const together = inFolds(folds)
    const wanted = { total: plainCovariance(together.features), within: plainWithin(together) }
    for (const member of ['total', 'within'] as const) {
      for (const [i, value] of got[member].entries()) {
        const message = `seed ${SEED}, folds ${folds}: ${member} ${i}`
        assertClose(value, wanted[member][i]!, message)
        assert.equal(value, got[member][(i % WIDTH) * WIDTH + Math.floor(i / WIDTH)], message)
      }
    }
  }
  // Of rows and of means, once a fold.
  assert.equal(made.length, 6)
})

test('more rows than are multiplied at a time are summed in parts', async () => {
  const features = rows(2100)
  const all = pickRows(
    features,
    Array.from({ length: 2100 }, (_, i) => String(i)),
    [...Array(2100).keys()],
  )
  const { total, within } = await foldScatters([() => all], plainProducts)([0])
  const wanted = plainCovariance(features)
  for (const [i, value] of total.entries()) {
    assertClose(value, wanted[i]!, `seed ${SEED}: ${i}`, 1e-11)
    assertClose(within[i]!, 0, `seed ${SEED}: ${i}, each image is a class`, 1e-11)
  }
})
