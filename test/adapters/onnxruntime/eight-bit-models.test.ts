import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openOnnxEmbedder } from '../../../src/adapters/onnxruntime/onnx-embedder.ts'
import { createSharpImageDecoder } from '../../../src/adapters/sharp-image-decoder.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { EIGHT_BIT_MODELS } from '../../support/shipped-models.ts'

const DRAWINGS = ['cat', 'fox_face', 'horse', 'koala', 'mouse', 'pig', 'rabbit', 'wolf']

/** The pixels of eight drawings, as the model takes them, and the model in batches of up to eight. */
async function eightDrawings(t: TestContext, model: string) {
  const embedder = await openOnnxEmbedder({
    folder: join('models', model),
    provider: 'cpu',
    maxBatch: DRAWINGS.length,
  })
  const decoder = createSharpImageDecoder()
  t.after(async () => {
    await decoder.close()
    await embedder.close()
  })
  const files = DRAWINGS.map((name) => `examples/emoji/animal-mammal/${name}.google.png`)
  const decoded = await Promise.all(
    files.map((file) => decoder.decode(readFileSync(file), embedder.preprocess)),
  )
  return { embedder, images: decoded.map(({ pixels }) => pixels) }
}

const cosineOf = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0)

for (const model of EIGHT_BIT_MODELS) {
  test(`${model} gives an image the same bits alone and in a batch of eight`, async (t) => {
    const { embedder, images } = await eightDrawings(t, model)
    const together = await Promise.all(images.map((pixels) => embedder.embed(pixels)))
    for (const [i, pixels] of images.entries()) {
      assert.deepEqual(await embedder.embed(pixels), together[i], DRAWINGS[i])
    }
  })

  // What another processor rounds otherwise is a step in a few numbers of some layer; here it is in the first, the pixels.
  test(`${model} answers a step in one number of a thousand with a cosine of .998 at least`, async (t) => {
    const { embedder, images } = await eightDrawings(t, model)
    const seed = 31
    const random = seededRandom(seed)
    for (const [i, pixels] of images.entries()) {
      const other = pixels.map((value) => (random() < 0.001 ? value ^ 1 : value))
      const cosine = cosineOf(await embedder.embed(pixels), await embedder.embed(other))
      assert.ok(cosine < 1 - 1e-6, `seed ${seed}, ${DRAWINGS[i]}: nothing changed`)
      assert.ok(cosine >= 0.998, `seed ${seed}, ${DRAWINGS[i]}: ${cosine}`)
    }
  })
}
