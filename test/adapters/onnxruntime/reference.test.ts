import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openOnnxEmbedder } from '../../../src/adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../../src/adapters/sharp-image-decoder.ts'

interface Reference {
  readonly images: readonly { readonly file: string; readonly embedding: readonly number[] }[]
}

/** The images of the model card are not part of the project; where they are at hand they count. */
const grocery = '../shared/data/grocery'
const bundle = 'models/efficientnet-lite0'

function references(file: string, folder: string) {
  const { images } = JSON.parse(readFileSync(file, 'utf8')) as Reference
  return images.map((image) => ({ ...image, path: join(folder, image.file) }))
}

test('embeddings agree with those of Pillow and onnxruntime for Python', async () => {
  const images = [
    ...references('test/fixtures/reference-emoji.json', 'node_modules'),
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
      assert.ok(cosine >= 0.999, `${path}: cosine ${cosine}`)
      assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-5, `${path}: not of unit length`)
    }
  } finally {
    await decoder.close()
    await embedder.close()
  }
})
