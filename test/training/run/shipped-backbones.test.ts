import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readBundle } from '../../../src/adapters/models-folder/read-bundle.ts'
import { openOnnxEmbedder } from '../../../src/adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../../src/adapters/sharp-image-decoder.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { transformRows } from '../../../src/learning/feature-transform.ts'
import { recipeOf } from '../../../src/learning/recipe.ts'
import { addEmbeddingLayers } from '../../../src/onnx/embedding-layers.ts'
import { innerBundle, leadingFeatures } from '../../../src/training/data/inner-bundle.ts'
import { trainModel } from '../../../src/training/run/train-model.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { toStoredVector } from '../../../src/vector/stored-vector.ts'
import { labelledPictures } from '../../support/labelled-pictures.ts'
import { EIGHT_BIT_MODELS, SHIPPED_MODELS } from '../../support/shipped-models.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { tinyDescription, writeBundle } from '../../support/tiny-model.ts'

const around = {
  onNote() {},
  onProgress() {},
  startProgress: () => ({ update() {}, stop() {} }),
  signal: new AbortController().signal,
}

for (const model of EIGHT_BIT_MODELS) {
  test(`a head trains on two views of images by ${model}, and what is exported is checked against it`, async (t) => {
    const { root, folder, models } = await labelledPictures(t, 6, 4)
    const config = loadConfig({}, { data: join(root, 'data'), models, model })
    const recipe = recipeOf(
      { kind: 'margin' },
      { dimensions: 8, steps: 20, starts: ['inner', 'pca'], views: 2 },
    )
    const source = { kind: 'folder', path: folder, within: null } as const
    const request = { source, recipe, name: 'learnt', force: false }
    const { report } = await trainModel(request, config, around)
    assert.ok(report.heads.some(({ steps }) => steps > 0))
    assert.ok(report.heads.some(({ start }) => start === 'inner'))
    const { source: of } = JSON.parse(readFileSync(join(models, 'learnt/model.json'), 'utf8'))
    assert.match(of, new RegExp(`^trained on ${model} `))
  })
}

for (const model of SHIPPED_MODELS) {
  test(`a head behind ${model} gives in one graph what it gives of the vectors of ${model}`, async (t) => {
    const root = temporaryFolder(t)
    const folder = join('models', model)
    const description = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'))
    const seed = 41
    const random = seededRandom(seed)
    const numbers = (count: number) => Float32Array.from({ length: count }, () => random() - 0.5)
    const last = { inputs: 1280, outputs: 16, weight: numbers(1280 * 16), bias: numbers(16) }
    const layers = { hidden: null, last, slices: 1 }
    const onnx = addEmbeddingLayers(readFileSync(join(folder, 'model.onnx')), {
      ...{ output: description.output, layers, share: 1, metadata: {} },
    })
    const output = { name: onnx.outputName, dimensions: 16, normalise: 'l2' as const }
    await writeBundle(root, onnx.bytes, { ...description, name: 'head', output, sha256: '' })

    const decoder = createSharpImageDecoder()
    const backbone = await openOnnxEmbedder({ folder, provider: 'cpu' })
    const head = await openOnnxEmbedder({ folder: join(root, 'head'), provider: 'cpu' })
    t.after(() => Promise.all([decoder.close(), backbone.close(), head.close()]))
    const image = readFileSync('examples/emoji/food-fruit/apple.google.png')
    const { pixels } = await decoder.decode(image, backbone.preprocess)
    const values = await backbone.embed(pixels)
    const wanted = transformRows({ values, count: 1, dimensions: 1280 }, { kind: 'head', layers })
    const got = await head.embed(pixels)
    const worst = Math.max(...got.map((value, i) => Math.abs(value - wanted.values[i]!)))
    assert.ok(worst < 1e-5, `seed ${seed}: differs by ${worst}`)
  })
}

for (const model of SHIPPED_MODELS) {
  test(`a head on inner maps of ${model} gives in one graph what it gives of its features`, async (t) => {
    const root = temporaryFolder(t)
    const folder = join('models', model)
    const read = await readBundle(folder)
    const wide = innerBundle(read)!
    const { dimensions } = wide.bundle.output
    const seed = 43
    const random = seededRandom(seed)
    const numbers = (count: number) => Float32Array.from({ length: count }, () => random() - 0.5)
    const last = {
      inputs: dimensions,
      outputs: 16,
      weight: numbers(dimensions * 16),
      bias: numbers(16),
    }
    const layers = { hidden: null, last, slices: 1, readsInner: true }
    const { output, input } = read.bundle
    const onnx = addEmbeddingLayers(read.onnx, { output, layers, share: 1, metadata: {} })
    const unit = { name: onnx.outputName, dimensions: 16, normalise: 'l2' as const }
    const description = { ...tinyDescription, input: input as typeof tinyDescription.input }
    await writeBundle(root, onnx.bytes, { ...description, name: 'head', output: unit })

    const decoder = createSharpImageDecoder()
    const backbone = await openOnnxEmbedder({ folder, provider: 'cpu' })
    const inner = await openOnnxEmbedder({ folder, provider: 'cpu', bundle: wide })
    const head = await openOnnxEmbedder({ folder: join(root, 'head'), provider: 'cpu' })
    t.after(() => Promise.all([decoder, backbone, inner, head].map((one) => one.close())))
    const image = readFileSync('examples/emoji/food-fruit/apple.google.png')
    const { pixels } = await decoder.decode(image, backbone.preprocess)
    const values = await inner.embed(pixels)
    const rows = { values, count: 1, dimensions }
    const features = leadingFeatures(rows, 1280)
    const plain = toStoredVector(await backbone.embed(pixels), 1280, 'cosine')
    const farthest = (a: Float32Array, b: Float32Array) =>
      a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
    assert.ok(farthest(plain, features.values) < 1e-6, 'the features begin as the backbone ends')
    const wanted = transformRows(features, { kind: 'head', layers }, rows)
    const worst = farthest(await head.embed(pixels), wanted.values)
    assert.ok(worst < 1e-5, `seed ${seed}: differs by ${worst}`)
  })
}
