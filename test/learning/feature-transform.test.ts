import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  linearLayers,
  mapRows,
  transformManyRows,
  transformRows,
} from '../../src/learning/feature-transform.ts'
import { buildEmbeddingGraph, HEAD_PARAMETERS } from '../../src/learning/graph/head.ts'
import { principalAffine } from '../../src/learning/start/head-start.ts'
import { principalComponents } from '../../src/vector/principal-components.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { rowOf } from '../../src/vector/row-matrix.ts'
import { assertClose } from '../support/assert-close.ts'
import { plainCovariance } from '../support/plain-covariance.ts'
import { plainProducts } from '../support/plain-products.ts'
import { projectRows } from '../support/project-rows.ts'
import { openGraph } from '../support/run-graph.ts'
import { unitFeatures } from '../support/unit-features.ts'

const SEED = 5
const [INPUTS, OUTPUTS, ROWS] = [10, 4, 7]
const random = seededRandom(SEED)
const features = unitFeatures(
  Float32Array.from({ length: ROWS * INPUTS }, () => gaussian(random)),
  INPUTS,
)
const affine = {
  inputs: INPUTS,
  outputs: OUTPUTS,
  weight: Float32Array.from({ length: INPUTS * OUTPUTS }, () => gaussian(random)),
  bias: Float32Array.from({ length: OUTPUTS }, () => gaussian(random)),
}
const layers = linearLayers(affine)
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)

test('a head gives what the graph of the training gives, in slices too', async () => {
  const shape = { head: { kind: 'linear' }, inputDimensions: INPUTS, dimensions: OUTPUTS } as const
  const values = { [HEAD_PARAMETERS.weight]: affine.weight, [HEAD_PARAMETERS.bias]: affine.bias }
  for (const learners of [null, { kind: 'slices', count: 2 } as const]) {
    const slices = learners?.count ?? 1
    await using graph = await openGraph(buildEmbeddingGraph({ ...shape, learners }, values))
    const { embedding } = await graph.run({
      features: { dims: [ROWS, INPUTS], values: features.values },
    })
    const vectors = transformRows(features, { kind: 'head', layers: { ...layers, slices } })
    assert.equal(vectors.dimensions, OUTPUTS)
    for (const [i, value] of vectors.values.entries())
      assertClose(value, embedding![i]!, `number ${i}, ${slices} slices, seed ${SEED}`, 1e-6)
  }
})

test('mapped rows have the bits of sums in float64, in the order of the inputs', () => {
  const { values, count, dimensions } = mapRows(features, affine)
  assert.deepEqual([count, dimensions], [ROWS, OUTPUTS])
  const wanted = Float32Array.from({ length: ROWS * OUTPUTS }, (_, at) => {
    const [row, j] = [Math.floor(at / OUTPUTS), at % OUTPUTS]
    let sum = affine.bias[j]!
    for (let i = 0; i < INPUTS; i++) {
      sum += features.values[row * INPUTS + i]! * affine.weight[i * OUTPUTS + j]!
    }
    return sum
  })
  assert.deepEqual(values, wanted, `seed ${SEED}`)
})

test('the cosines of joined vectors are the weighted mean of the cosines of both parts', () => {
  const head = transformRows(features, { kind: 'head', layers })
  for (const share of [0.1, 0.5, 0.9]) {
    const joined = transformRows(features, { kind: 'joined', layers, share })
    assert.equal(joined.dimensions, INPUTS + OUTPUTS)
    for (let a = 0; a < ROWS; a++) {
      for (let b = 0; b < ROWS; b++) {
        const wanted =
          (1 - share) * dot(rowOf(features, a), rowOf(features, b)) +
          share * dot(rowOf(head, a), rowOf(head, b))
        const cosine = dot(rowOf(joined, a), rowOf(joined, b))
        assertClose(cosine, wanted, `${a} and ${b}, share ${share}, seed ${SEED}`, 1e-6)
      }
    }
  }
})

test('the PCA is the projection on the principal components, made unit', async () => {
  const total = plainCovariance(features)
  const wanted = projectRows(
    features,
    await principalComponents(features, OUTPUTS, {
      covariance: async () => total,
      products: plainProducts,
    }),
  )
  const covariances = async () => ({ total, within: total })
  const layers = linearLayers(
    await principalAffine(features, OUTPUTS, { covariances, products: plainProducts }),
  )
  const got = transformRows(features, { kind: 'pca', layers })
  for (let row = 0; row < ROWS; row++) {
    const length = Math.hypot(...rowOf(wanted, row))
    for (let i = 0; i < OUTPUTS; i++) {
      const unit = rowOf(wanted, row)[i]! / length
      assertClose(rowOf(got, row)[i]!, unit, `row ${row}, number ${i}, seed ${SEED}`, 1e-5)
    }
  }
})

test('what an engine multiplies is the same, also where rows come in parts and layers have more to them', async () => {
  const deep = {
    hidden: { ...affine, inputs: INPUTS },
    last: { ...affine, inputs: OUTPUTS, weight: affine.weight.subarray(0, OUTPUTS * OUTPUTS) },
    slices: 2,
  }
  // More than are multiplied at a time.
  const times = Math.ceil(1500 / ROWS)
  const many = { values: new Float32Array(times * features.values.length), count: times * ROWS }
  for (let i = 0; i < times; i++) many.values.set(features.values, i * features.values.length)
  const rows = { ...many, dimensions: INPUTS }
  for (const transform of [
    { kind: 'backbone' },
    { kind: 'pca', layers },
    { kind: 'head', layers: deep },
    { kind: 'joined', layers, share: 0.3 },
  ] as const) {
    const got = await transformManyRows(rows, transform, plainProducts)
    const wanted = transformRows(rows, transform)
    assert.deepEqual([got.count, got.dimensions], [wanted.count, wanted.dimensions])
    for (const [i, value] of got.values.entries()) {
      assertClose(value, wanted.values[i]!, `${transform.kind}, ${i}, seed ${SEED}`, 1e-6)
    }
  }
})

test('the backbone is left as it is', () => {
  assert.equal(transformRows(features, { kind: 'backbone' }), features)
})
