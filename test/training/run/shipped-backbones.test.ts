import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openOnnxEmbedder } from '../../../src/adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../../src/adapters/sharp-image-decoder.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { transformRows } from '../../../src/learning/feature-transform.ts'
import { recipeOf } from '../../../src/learning/recipe.ts'
import { addEmbeddingLayers } from '../../../src/onnx/embedding-layers.ts'
import { trainModel } from '../../../src/training/run/train-model.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { labelledPictures } from '../../support/labelled-pictures.ts'
import { EIGHT_BIT_MODELS, SHIPPED_MODELS } from '../../support/shipped-models.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { writeBundle } from '../../support/tiny-model.ts'

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
      { dimensions: 8, steps: 20, starts: ['pca'], views: 2 },
    )
    const source = { kind: 'folder', path: folder, within: null } as const
    const request = { source, recipe, name: 'learnt', force: false }
    const { report } = await trainModel(request, config, around)
    assert.ok(report.heads.some(({ steps }) => steps > 0))
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
