import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addEmbeddingLayers, type EmbeddingLayers } from '../../src/onnx/embedding-layers.ts'
import { readOnnx } from '../../src/onnx/model-file.ts'
import { assertClose } from '../support/assert-close.ts'
import { failsWith } from '../support/errors.ts'
import { openGraph } from '../support/run-graph.ts'
import { tinyModel } from '../support/tiny-model.ts'

const SIZE = 4 * 4 * 3
const weight = [0.5, -1, 2, 0.25, -0.75, 1.5]
const bias = [0.1, -0.2]
const affine = (inputs: number, outputs: number, w: readonly number[], b: readonly number[]) => ({
  inputs,
  outputs,
  weight: Float32Array.from(w),
  bias: Float32Array.from(b),
})
const layers: EmbeddingLayers = {
  output: { name: 'embedding', dimensions: 3 },
  layers: { hidden: null, last: affine(3, 2, weight, bias), slices: 1 },
  share: 1,
  metadata: { seed: '7' },
}

const unit = (row: readonly number[]) => row.map((x) => x / Math.hypot(...row))
// The tiny model gives the root of the mean of each channel of an image of one colour.
const colours = [
  [4, 9, 16],
  [1, 0, 25],
] as const
const features = colours.map((colour) => unit(colour.map(Math.sqrt)))
const heads = features.map((row) =>
  unit([0, 1].map((j) => row.reduce((sum, x, i) => sum + x * weight[i * 2 + j]!, bias[j]!))),
)

const applied = (row: readonly number[], w: readonly number[], b: readonly number[]) =>
  b.map((offset, j) => row.reduce((sum, x, i) => sum + x * w[i * b.length + j]!, offset))
const hiddenWeight = [1, -1, 0.5, -2, 0.5, 1, 1, 1, -1, 0.25, -0.5, 2]
const hiddenBias = [0.2, -0.1, 0.3, -0.4]
const lastWeight = [1, 2, -1, 0.5, 0.5, -0.5, 1, 1, 2, 0, -1, 3, 0.1, 1, 1, -2]
const lastBias = [0.1, 0, -0.3, 0.2]
const deep = features.map((row) => {
  const active = applied(row, hiddenWeight, hiddenBias).map((x) => Math.max(0, x))
  const last = applied(active, lastWeight, lastBias)
  return unit([...unit(last.slice(0, 2)), ...unit(last.slice(2))])
})

async function embed(changes: Partial<EmbeddingLayers>, batch: number): Promise<number[][]> {
  const { bytes, outputName, dimensions } = addEmbeddingLayers(tinyModel(), {
    ...layers,
    ...changes,
  })
  await using graph = await openGraph(bytes)
  const image = Float32Array.from({ length: batch * SIZE }, (_, i) => {
    return colours[Math.floor(i / SIZE)]![i % 3]!
  })
  const out = (await graph.run({ image: { dims: [batch, 4, 4, 3], values: image } }))[outputName]!
  return Array.from({ length: batch }, (_, row) => [
    ...out.subarray(row * dimensions, (row + 1) * dimensions),
  ])
}

const FORMS: readonly [string, Partial<EmbeddingLayers>, readonly (readonly number[])[]][] = [
  ['the backbone alone', { layers: null }, features],
  ['a head', {}, heads],
  [
    'a hidden layer and two slices',
    {
      layers: {
        hidden: affine(3, 4, hiddenWeight, hiddenBias),
        last: affine(4, 4, lastWeight, lastBias),
        slices: 2,
      },
    },
    deep,
  ],
  [
    'backbone and head joined',
    { share: 0.36 },
    features.map((row, i) => [
      ...row.map((x) => Math.sqrt(0.64) * x),
      ...heads[i]!.map((x) => Math.sqrt(0.36) * x),
    ]),
  ],
]

for (const [name, changes, wanted] of FORMS) {
  test(`${name} gives the unit vectors worked out by hand, for one image and for two`, async () => {
    for (const batch of [1, 2]) {
      const got = await embed(changes, batch)
      assert.deepEqual(
        got.map((row) => row.length),
        wanted.slice(0, batch).map((row) => row.length),
      )
      for (const [i, value] of got.flat().entries()) {
        assertClose(value, wanted.flat()[i]!, `number ${i} of ${batch} images`, 1e-6)
      }
    }
  })
}

test('layers can be put on a model that has some, and the metadata say the last', () => {
  const once = addEmbeddingLayers(tinyModel(), layers)
  const twice = addEmbeddingLayers(once.bytes, {
    ...layers,
    output: { name: once.outputName, dimensions: 2 },
    layers: null,
    metadata: { seed: '8' },
  })
  assert.notEqual(twice.outputName, once.outputName)
  const { metadataProps } = readOnnx(twice.bytes)
  assert.deepEqual(
    metadataProps.map(({ key, value }) => [key, value]),
    [['seed', '8']],
  )
})

test('an output that is not there is refused by name', () => {
  const output = { name: 'nothing', dimensions: 3 }
  assert.throws(
    () => addEmbeddingLayers(tinyModel(), { ...layers, output }),
    failsWith('MODEL_INVALID', '"nothing"', '"embedding"'),
  )
})
