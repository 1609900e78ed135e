import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { headOf } from '../../src/collection/reembed/model-head.ts'
import type { ModelCatalogue } from '../../src/embedding/models.ts'
import { addEmbeddingLayers, readEmbeddingLayers } from '../../src/onnx/embedding-layers.ts'
import { addInnerOutput, innerMaps } from '../../src/onnx/inner-maps.ts'
import { readOnnx } from '../../src/onnx/model-file.ts'
import { node } from '../../src/onnx/parts.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { assertClose } from '../support/assert-close.ts'
import { CONVOLUTIONS, convModel } from '../support/conv-model.ts'
import { failsWith } from '../support/errors.ts'
import { openGraph } from '../support/run-graph.ts'
import { tinyModel } from '../support/tiny-model.ts'

const SEED = 31
const [PLACES, BATCH] = [4, 2]
const OUTPUT = { name: 'embedding', dimensions: 4 }
const random = seededRandom(SEED)
/** Images of three channels, place after place within each. */
const images = Array.from({ length: BATCH }, () =>
  Array.from({ length: 3 }, () => Array.from({ length: PLACES }, () => random() - 0.3)),
)

const unit = (row: readonly number[]) => row.map((x) => x / Math.hypot(...row))
const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
const convolved = (map: readonly (readonly number[])[], weight: readonly (readonly number[])[]) =>
  weight.map((row) =>
    Array.from({ length: PLACES }, (_, place) =>
      row.reduce((sum, w, channel) => sum + w * map[channel]![place]!, 0),
    ),
  )

/** By plain loops: the output, and the maps that have more channels made of them. */
const wanted = images.map((image) => {
  const { a, b, c, d, e } = CONVOLUTIONS
  const inner = convolved(convolved(convolved(convolved(image, a), b), c), d)
  const features = unit(convolved(inner, e).map(mean))
  const ofMap = (map: readonly (readonly number[])[]) => [
    ...unit(map.map(mean)),
    ...unit(map.map((places) => Math.sqrt(mean(places.map((x) => x * x))))),
  ]
  return { features, rows: unit([...features, ...ofMap(image), ...ofMap(inner)]) }
})

async function run(bytes: Uint8Array, name: string, batch: number): Promise<readonly number[]> {
  await using graph = await openGraph(bytes)
  const values = Float32Array.from(images.slice(0, batch).flat(2))
  const got = await graph.run({ image: { dims: [batch, 3, 2, 2], values } })
  return [...got[name]!]
}

test('inner maps are what 1 x 1 convolutions make more channels of, the last for each number, also in 8 bits', () => {
  assert.deepEqual(innerMaps(readOnnx(convModel()).graph), [
    { channels: 3, name: 'image' },
    { channels: 2, name: 'd' },
  ])
})

test('what is made of global means alone is no map; what they are multiplied with is', () => {
  const { graph } = readOnnx(convModel())
  graph.node = [
    node('Conv', ['image', 'a weight'], ['a']),
    node('GlobalAveragePool', ['a'], ['means']),
    node('Conv', ['means', 'b weight'], ['less']),
    node('Relu', ['less'], ['gate']),
    node('Conv', ['gate', 'c weight'], ['more']),
    node('Conv', ['a', 'b weight'], ['b']),
    node('Mul', ['b', 'gate'], ['gated']),
    node('Conv', ['gated', 'c weight'], ['c']),
    node('Conv', ['means', 'b weight'], ['last less']),
    node('Conv', ['last less', 'c weight'], ['last more']),
  ]
  assert.deepEqual(innerMaps(graph), [
    { channels: 3, name: 'image' },
    { channels: 2, name: 'gated' },
  ])
})

const OSNET = '../shared/models/osnet_x0_25_msmt17/model.onnx'

test('of osnet, no gate is an inner map', {
  skip: !existsSync(OSNET) && 'the model is not in the repository',
}, () => {
  const channels = innerMaps(readOnnx(readFileSync(OSNET)).graph).map((map) => map.channels)
  assert.deepEqual(channels, [16, 24, 64, 32, 96])
})

test('beside the unit output stand means and roots of mean squares of inner maps, for one image and for two', async () => {
  const made = addInnerOutput(convModel(), OUTPUT)!
  assert.equal(made.output.dimensions, 4 + 2 * 3 + 2 * 2)
  for (const batch of [1, BATCH]) {
    const got = await run(made.bytes, made.output.name, batch)
    const rows = wanted.slice(0, batch).flatMap(({ rows }) => rows)
    assert.equal(got.length, rows.length)
    for (const [i, value] of got.entries())
      assertClose(value, rows[i]!, `seed ${SEED}, batch ${batch}: ${i}`, 1e-6)
  }
})

test('a model without such convolutions has no inner maps', () => {
  assert.equal(addInnerOutput(tinyModel(), { name: 'embedding', dimensions: 3 }), null)
})

const WIDTH = 14
const numbers = (count: number) => Float32Array.from({ length: count }, () => random() - 0.5)
const last = { inputs: WIDTH, outputs: 3, weight: numbers(WIDTH * 3), bias: numbers(3) }
const layers = { hidden: null, last, slices: 1, readsInner: true }
const written = (share: number) =>
  addEmbeddingLayers(convModel(), {
    output: OUTPUT,
    layers,
    share,
    metadata: { 'lookalike.backbone.sha256': 'a' },
  })

test('a head on inner maps, alone and joined with the output, gives the vectors worked out by hand', async () => {
  for (const share of [1, 0.75]) {
    const { bytes, outputName } = written(share)
    const got = await run(bytes, outputName, BATCH)
    const vectors = wanted.flatMap(({ features, rows }) => {
      const head = unit(
        [0, 1, 2].map((j) =>
          rows.reduce((sum, x, i) => sum + x * last.weight[i * 3 + j]!, last.bias[j]!),
        ),
      )
      if (share === 1) return head
      return [
        ...features.map((x) => Math.sqrt(1 - share) * x),
        ...head.map((x) => Math.sqrt(share) * x),
      ]
    })
    assert.equal(got.length, vectors.length)
    for (const [i, value] of got.entries())
      assertClose(value, vectors[i]!, `seed ${SEED}, share ${share}: ${i}`, 1e-6)
  }
})

test('a head on inner maps is read as it was written, and is not applied to stored vectors', async () => {
  const { bytes } = written(1)
  assert.deepEqual(readEmbeddingLayers(bytes)!.layers, layers)
  const bundle = { sha256: 'a', input: {}, output: { name: 'embedding' } }
  const catalogue = { read: async () => ({ bundle, onnx: bytes }) } as unknown as ModelCatalogue
  await assert.rejects(headOf('head', 'below', catalogue), failsWith('REEMBED_REFUSED', 'pictures'))
})
