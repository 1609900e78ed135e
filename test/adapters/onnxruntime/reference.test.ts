import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openOnnxEmbedder } from '../../../src/adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../../src/adapters/sharp-image-decoder.ts'
import { SHIPPED_MODELS } from '../../support/shipped-models.ts'

interface Reference {
  readonly images: readonly { readonly file: string; readonly embedding: readonly number[] }[]
}

/** The images of the model card are not part of the project; where they are at hand they count. */
const grocery = '../shared/data/grocery'

/**
 * The least cosine between a reference and an embedding made here. Pillow and libvips enlarge an image to pixels that differ
 * by one here and there, as may the sums of another processor. In float32 that changes next to nothing. In 8 bits a number
 * that lay near a step rounds to the next one, in layer after layer.
 */
const LEAST_COSINE = {
  'efficientnet-lite0': 0.999,
  'efficientnet-lite0-int8': 0.998,
  'efficientnet-lite2-lite0-int8': 0.998,
}

function references(file: string, folder: string) {
  const { images } = JSON.parse(readFileSync(file, 'utf8')) as Reference
  return images.map((image) => ({ ...image, path: join(folder, image.file) }))
}

for (const model of SHIPPED_MODELS) {
  const least = LEAST_COSINE[model]
  test(`embeddings of ${model} agree at ${least} with those of Pillow and onnxruntime for Python`, async () => {
    const bundle = join('models', model)
    const images = [
      ...references(join('test/fixtures/reference-emoji', `${model}.json`), 'node_modules'),
      ...(existsSync(grocery) ? references(join(bundle, 'reference.json'), grocery) : []),
    ]
    const decoder = createSharpImageDecoder()
    const embedder = await openOnnxEmbedder({ folder: bundle, provider: 'cpu' })
    try {
      assert.ok(images.length >= 7)
      for (const { path, embedding } of images) {
        const bytes = readFileSync(path)
        const { pixels } = await decoder.decode(bytes, embedder.preprocess)
        const vector = await embedder.embed(pixels)
        const cosine = embedding.reduce((sum, value, i) => sum + value * vector[i]!, 0)
        assert.ok(cosine >= least, `${path}: cosine ${cosine}`)
        assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5, `${path}: not of unit length`)
      }
    } finally {
      await decoder.close()
      await embedder.close()
    }
  })
}
