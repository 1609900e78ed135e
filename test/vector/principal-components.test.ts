import assert from 'node:assert/strict'
import { test } from 'node:test'
import { principalComponents } from '../../src/vector/principal-components.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { matrixOf, packRows, type RowMatrix, rowOf } from '../../src/vector/row-matrix.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { symmetricEigen } from '../../src/vector/symmetric-eigen.ts'
import { assertClose } from '../support/assert-close.ts'
import { plainCovariance } from '../support/plain-covariance.ts'
import { plainProducts } from '../support/plain-products.ts'
import { projectRows } from '../support/project-rows.ts'
import { gaussianVectors } from '../support/random-vectors.ts'

const componentsOf = (rows: RowMatrix, components: number) =>
  principalComponents(rows, components, {
    covariance: async () => plainCovariance(rows),
    products: plainProducts,
  })

// Around (10, 20): 5 to both sides along (.6, .8), 1 to both sides along (.8, -.6). The variances are
// (25 + 25) / 4 and (1 + 1) / 4.
const CROSS = packRows(
  [
    [13, 24],
    [7, 16],
    [10.8, 19.4],
    [9.2, 20.6],
  ].map((point) => Float32Array.from(point)),
  2,
)

test('the worked example: mean, directions, variances and coordinates', async () => {
  const components = await componentsOf(CROSS, 2)
  const { mean, directions, variances } = components
  const expected = [...[10, 20], ...[0.6, 0.8, 0.8, -0.6], ...[12.5, 0.5]]
  for (const [i, value] of [...mean, ...directions, ...variances].entries()) {
    assertClose(value, expected[i]!, `number ${i}`, 1e-6)
  }
  const projected = projectRows(CROSS, components)
  assert.deepEqual([projected.count, projected.dimensions], [4, 2])
  for (const [i, value] of [5, 0, -5, 0, 0, 1, 0, -1].entries()) {
    assertClose(projected.values[i]!, value, `coordinate ${i}`, 1e-5)
  }
})

test('coordinates are uncorrelated, with the variances named, largest first', async () => {
  const seed = 31
  const random = seededRandom(seed)
  const spread = gaussianVectors(random, 90, 8).map((vector) => vector.map((x, i) => x / (1 + i)))
  const rows = packRows(spread, 8)
  const components = await componentsOf(rows, 5)
  const { values } = projectRows(rows, components)
  for (let a = 0; a < 5; a++) {
    for (let b = 0; b < 5; b++) {
      let sum = 0
      for (let row = 0; row < 90; row++) sum += values[row * 5 + a]! * values[row * 5 + b]!
      const expected = a === b ? components.variances[a]! : 0
      assertClose(sum / 90, expected, `seed ${seed}: ${a} and ${b}`, 1e-6)
    }
    if (a > 0) assert.ok(components.variances[a]! <= components.variances[a - 1]!)
  }
})

test('all components keep every distance', async () => {
  const rows = packRows(gaussianVectors(seededRandom(32), 20, 6), 6)
  const projected = projectRows(rows, await componentsOf(rows, 6))
  for (let row = 1; row < 20; row++) {
    const expected = squaredEuclidean(rowOf(rows, 0), rowOf(rows, row))
    assertClose(
      squaredEuclidean(rowOf(projected, 0), rowOf(projected, row)),
      expected,
      `row ${row}`,
      1e-4,
    )
  }
})

test('fewer rows than components still give orthonormal directions', async () => {
  const rows = packRows(gaussianVectors(seededRandom(33), 3, 12), 12)
  const { directions, variances } = await componentsOf(rows, 10)
  for (let a = 0; a < 10; a++) {
    for (let b = 0; b <= a; b++) {
      let product = 0
      for (let i = 0; i < 12; i++) product += directions[a * 12 + i]! * directions[b * 12 + i]!
      assertClose(product, a === b ? 1 : 0, `${a} and ${b}`)
    }
    if (a > 1) assertClose(variances[a]!, 0, `variance ${a}`)
  }
})

test('more components than dimensions are refused', async () => {
  await assert.rejects(componentsOf(CROSS, 3), /expected 1 to 2 components, got 3/)
})

test('with fewer rows than dimensions the components are those of the covariance', async () => {
  const seed = 34
  const [count, dimensions, wanted] = [30, 50, 12]
  const random = seededRandom(seed)
  const spread = gaussianVectors(random, count, dimensions).map((vector) =>
    vector.map((x, i) => x / (1 + i)),
  )
  const rows = packRows(spread, dimensions)
  const { directions, variances } = await componentsOf(rows, wanted)
  const { values, vectors } = await symmetricEigen(
    matrixOf(plainCovariance(rows), dimensions),
    wanted,
    plainProducts,
  )
  for (let k = 0; k < wanted; k++) {
    assertClose(variances[k]!, values[k]!, `seed ${seed}: variance ${k}`, 1e-12)
    for (let i = 0; i < dimensions; i++) {
      const place = k * dimensions + i
      assertClose(directions[place]!, vectors.values[place]!, `seed ${seed}: ${k}, ${i}`, 1e-8)
    }
  }
})

test('equal rows, which have fewer directions than their number, give orthonormal ones still', async () => {
  const [first, second] = gaussianVectors(seededRandom(35), 2, 9) as [Float32Array, Float32Array]
  const { directions } = await componentsOf(packRows([first, second, first, second], 9), 3)
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b <= a; b++) {
      let product = 0
      for (let i = 0; i < 9; i++) product += directions[a * 9 + i]! * directions[b * 9 + i]!
      assertClose(product, a === b ? 1 : 0, `${a} and ${b}`)
    }
  }
})
