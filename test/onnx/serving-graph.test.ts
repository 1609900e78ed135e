import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { readOnnx, standardOpset } from '../../src/onnx/model-file.ts'
import { int64Tensor, node } from '../../src/onnx/parts.ts'
import { addServingLayers } from '../../src/onnx/serving-graph.ts'
import type { ServingSpec } from '../../src/onnx/serving-spec.ts'
import { seededRandom } from '../../src/vector/random.ts'
import { failsWith } from '../support/errors.ts'
import { reshapeToOne, tinyDescription, tinyModel, tokenModel } from '../support/tiny-model.ts'

const liteModel = readFileSync('models/efficientnet-lite0/model.onnx')
const liteSpec = JSON.parse(
  readFileSync('models/efficientnet-lite0/model.json', 'utf8'),
) as ServingSpec

async function serve(model: Uint8Array, spec: ServingSpec, batch: number, pixels: Uint8Array) {
  const graph = addServingLayers(model, spec)
  const session = await InferenceSession.create(graph.bytes)
  const { width, height } = spec.input
  const input = new Tensor('uint8', pixels, [batch, height, width, 3])
  const output = (await session.run({ [graph.inputName]: input }))[graph.outputName]!
  const vectors = output.data.slice() as Float32Array
  await session.release()
  assert.deepEqual([...output.dims], [batch, spec.output.dimensions])
  return vectors
}

/** The same by parts: our own preprocessing, the model alone, our own normalisation. */
async function byParts(model: Uint8Array, spec: ServingSpec, batch: number, pixels: Uint8Array) {
  const { width, height, layout, colour, mean, std } = spec.input
  const area = width * height
  const floats = new Float32Array(pixels.length)
  for (let i = 0; i < pixels.length; i++) {
    const image = Math.floor(i / (area * 3))
    const place = Math.floor(i / 3) % area
    const channel = colour === 'bgr' ? 2 - (i % 3) : i % 3
    const at =
      layout === 'NCHW'
        ? (image * 3 + channel) * area + place
        : (image * area + place) * 3 + channel
    floats[at] = (pixels[i]! - mean[channel]!) / std[channel]!
  }
  const session = await InferenceSession.create(model)
  const dims = layout === 'NCHW' ? [batch, 3, height, width] : [batch, height, width, 3]
  const feeds = { [spec.input.name]: new Tensor('float32', floats, dims) }
  const output = (await session.run(feeds))[spec.output.name]!
  const vectors = Float64Array.from(output.data as Float32Array)
  await session.release()
  const { dimensions, normalise } = spec.output
  for (let row = 0; row < batch && normalise === 'l2'; row++) {
    const vector = vectors.subarray(row * dimensions, (row + 1) * dimensions)
    const length = Math.hypot(...vector)
    for (let i = 0; i < dimensions; i++) vector[i]! /= length
  }
  return vectors
}

function randomPixels(count: number, seed: number): Uint8Array {
  const random = seededRandom(seed)
  return Uint8Array.from({ length: count }, () => Math.floor(random() * 256))
}

async function assertEqualsParts(model: Uint8Array, spec: ServingSpec, batch: number) {
  const seed = 20 + batch
  const pixels = randomPixels(batch * spec.input.width * spec.input.height * 3, seed)
  const whole = await serve(model, spec, batch, pixels)
  const parts = await byParts(model, spec, batch, pixels)
  let worst = 0
  for (let i = 0; i < parts.length; i++) worst = Math.max(worst, Math.abs(parts[i]! - whole[i]!))
  assert.equal(whole.length, parts.length)
  assert.ok(worst <= 1e-4, `seed ${seed}: differs by ${worst}`)
}

const tinySpec: ServingSpec = {
  input: { ...tinyDescription.input, mean: [-10, -200, -4000], std: [1, 2, 3] },
  output: tinyDescription.output,
}

test('one image: the serving graph gives what its parts give', async () => {
  await assertEqualsParts(liteModel, liteSpec, 1)
})

test('eight images: the serving graph gives what its parts give', async () => {
  await assertEqualsParts(liteModel, liteSpec, 8)
})

for (const layout of ['NCHW', 'NHWC'] as const) {
  for (const colour of ['rgb', 'bgr'] as const) {
    test(`a graph of layout ${layout} and colour ${colour} gives what its parts give`, async () => {
      const spec = { ...tinySpec, input: { ...tinySpec.input, layout, colour } }
      await assertEqualsParts(tinyModel({ layout }), spec, 5)
    })
  }
}

test('a worked example: blue comes first under bgr', async () => {
  const input = { ...tinySpec.input, colour: 'bgr', mean: [0, 0, 0], std: [1, 1, 1] } as const
  const spec = { input, output: { ...tinySpec.output, normalise: 'none' } } as const
  const pixels = Uint8Array.from({ length: 48 }, (_, i) => [9, 100, 225][i % 3]!)
  assert.deepEqual([...(await serve(tinyModel(), spec, 1, pixels))], [15, 10, 3])
})

test('an output of [batch, C, 1, 1] is flattened', async () => {
  const model = tinyModel({
    outputDims: ['n', 3, 1, 1],
    tail: [node('Sqrt', ['mean'], ['root']), node('Unsqueeze', ['root', 'axes'], ['embedding'])],
    initialisers: [int64Tensor('axes', [2], [2, 3])],
  })
  const pixels = randomPixels(96, 3)
  assert.deepEqual(
    await serve(model, tinySpec, 2, pixels),
    await serve(tinyModel(), tinySpec, 2, pixels),
  )
})

test('names of the graph that look like ours do not collide', async () => {
  const pixels = randomPixels(48, 4)
  const model = tinyModel({
    tail: [
      node('Sqrt', ['mean'], ['serving/vector']),
      node('Identity', ['serving/vector'], ['embedding']),
    ],
  })
  assert.deepEqual(
    await serve(model, tinySpec, 1, pixels),
    await serve(tinyModel(), tinySpec, 1, pixels),
  )
})

test('the operator set of the model is kept', () => {
  assert.equal(standardOpset(readOnnx(addServingLayers(liteModel, liteSpec).bytes)), 17)
})

test('a graph for a batch of one says so, any other takes any batch', () => {
  assert.equal(addServingLayers(tinyModel({ batch: 1, ...reshapeToOne }), tinySpec).maxBatch, 1)
  assert.equal(addServingLayers(tinyModel(), tinySpec).maxBatch, Number.POSITIVE_INFINITY)
})

test('a graph for another fixed batch is refused', () => {
  const model = tinyModel({ batch: 4 })
  assert.throws(() => addServingLayers(model, tinySpec), failsWith('MODEL_INVALID', 'one for 4'))
})

test('a description that does not fit the graph is refused, with what was found', () => {
  const model = tinyModel()
  const input = (change: object) => ({ ...tinySpec, input: { ...tinySpec.input, ...change } })
  const output = (change: object) => ({ ...tinySpec, output: { ...tinySpec.output, ...change } })
  const wrong: [ServingSpec, string[]][] = [
    [input({ name: 'pixels' }), ['"pixels"', '"image"']],
    [input({ width: 8 }), ['[?, 4, 8, 3]', '[?, 4, 4, 3]']],
    [input({ layout: 'NCHW' }), ['[?, 3, 4, 4]', 'NCHW']],
    [output({ name: 'vector' }), ['"vector"', '"embedding"']],
    [output({ dimensions: 5 }), ['[batch, 5]', '[?, 3]']],
  ]
  for (const [spec, words] of wrong) {
    assert.throws(() => addServingLayers(model, spec), failsWith('MODEL_INVALID', ...words))
  }
})

test('a map of features is not taken for an embedding', () => {
  const model = tinyModel({ outputDims: ['n', 3, 7, 7] })
  assert.throws(() => addServingLayers(model, tinySpec), failsWith('MODEL_INVALID', '[?, 3, 7, 7]'))
})

const tokenSpec: ServingSpec = {
  input: {
    ...tinySpec.input,
    name: 'pixel_values',
    layout: 'NCHW',
    mean: [0, 0, 0],
    std: [1, 1, 1],
  },
  output: { name: 'last_hidden_state', dimensions: 3, normalise: 'none' },
}

/** Two images; of each the mean of its pixels. */
function twoImages() {
  const pixels = randomPixels(96, 5)
  const meanOf = (image: number, channel: number) => {
    let sum = 0
    for (let place = 0; place < 16; place++) sum += pixels[image * 48 + place * 3 + channel]!
    return sum / 16
  }
  const means = [0, 1].flatMap((image) => [0, 1, 2].map((channel) => meanOf(image, channel)))
  return { pixels, means }
}

test('of tokens pooled by class token the first is the vector', async () => {
  const { pixels, means } = twoImages()
  const output = { ...tokenSpec.output, pooling: 'class-token' } as const
  const vectors = await serve(tokenModel(4), { ...tokenSpec, output }, 2, pixels)
  assertNear(vectors, means.map(Math.sqrt))
})

test('of tokens pooled by mean the vector is the mean of them all', async () => {
  const { pixels, means } = twoImages()
  const output = { ...tokenSpec.output, pooling: 'mean' } as const
  const vectors = await serve(tokenModel(4), { ...tokenSpec, output }, 2, pixels)
  assertNear(
    vectors,
    means.map((mean) => (16 * mean + Math.sqrt(mean)) / 17),
  )
})

test('of a feature map pooled by mean the vector is the mean over its places', async () => {
  const { pixels, means } = twoImages()
  const model = tinyModel({
    layout: 'NCHW',
    outputDims: ['n', 3, 4, 4],
    tail: [node('Identity', ['image'], ['embedding'])],
  })
  const spec = {
    input: { ...tokenSpec.input, name: 'image' },
    output: { ...tokenSpec.output, name: 'embedding', pooling: 'mean' },
  } as const
  assertNear(await serve(model, spec, 2, pixels), means)
})

for (const [pooling, wanted] of [
  [undefined, '[batch, 3] or [batch, 3, 1, 1]'],
  ['class-token', '[batch, tokens, 3], for pooling class-token'],
] as const) {
  test(`a feature map with pooling ${pooling ?? 'left out'} is refused with the shape wanted`, () => {
    const model = tinyModel({ outputDims: ['n', 3, 4, 4] })
    const output = { ...tinySpec.output, ...(pooling === undefined ? {} : { pooling }) }
    assert.throws(
      () => addServingLayers(model, { ...tinySpec, output }),
      failsWith('MODEL_INVALID', wanted, '[?, 3, 4, 4]'),
    )
  })
}

function assertNear(got: Float32Array, wanted: readonly number[]): void {
  assert.equal(got.length, wanted.length)
  for (const [i, value] of wanted.entries()) {
    assert.ok(Math.abs(got[i]! - value) < 1e-3, `number ${i}: expected ${value}, got ${got[i]}`)
  }
}
