import assert from 'node:assert/strict'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openOnnxEmbedder } from '../../../src/adapters/onnxruntime/onnx-embedder.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { recipeOf } from '../../../src/learning/recipe.ts'
import { node } from '../../../src/onnx/parts.ts'
import { trainModel } from '../../../src/training/run/train-model.ts'
import { assertClose } from '../../support/assert-close.ts'
import { failsWith } from '../../support/errors.ts'
import { encoder } from '../../support/images.ts'
import { labelledPictures } from '../../support/labelled-pictures.ts'
import { reshapeToOne, tinyDescription, tinyModel, writeBundle } from '../../support/tiny-model.ts'

const PICTURE = { ...tinyDescription.input, mean: [0, 0, 0] }
const recipe = recipeOf({ kind: 'margin' }, { dimensions: 2, steps: 10, starts: ['pca'] })

async function workplace(t: TestContext, classes: number, perClass: number) {
  const { root, folder, models, labels } = await labelledPictures(t, classes, perClass)
  const lines: string[] = []
  const train = async (model: string) => {
    const config = loadConfig({}, { data: join(root, 'data'), models, model })
    const source = { kind: 'folder', path: folder, within: null } as const
    return await trainModel({ source, recipe, name: 'learnt', force: true }, config, {
      onNote: (line) => lines.push(line),
      onProgress() {},
      startProgress: () => ({ update() {}, stop() {} }),
      signal: new AbortController().signal,
    })
  }
  return { folder, models, labels, lines, train }
}

/** A PNG of one grey. */
function grey(value: number): Promise<Buffer> {
  const pixels = new Uint8Array(8 * 8 * 3).fill(value)
  return encoder({ pixels, width: 8, height: 8 }).png().toBuffer()
}

test('images without a class or a pair, that cannot be read or have no direction, are reported and left out', async (t) => {
  const { folder, labels, lines, train } = await workplace(t, 7, 3)
  const [first, alone] = [labels[0]!, labels[6]!]
  for (const name of readdirSync(join(folder, alone)).slice(1)) rmSync(join(folder, alone, name))
  writeFileSync(join(folder, 'stray.png'), await grey(200))
  writeFileSync(join(folder, first, 'broken.png'), 'this is text')
  writeFileSync(join(folder, first, 'notes.txt'), 'text')
  // The roots of the means of nothing: an embedding of zeros.
  writeFileSync(join(folder, first, 'black.png'), await grey(0))
  const { report, refused } = await train('tiny')
  assert.deepEqual(refused.map(({ file, code }) => [file, code]).sort(), [
    [`${first}/black.png`, 'NO_USABLE_EMBEDDING'],
    [`${first}/broken.png`, 'NOT_AN_IMAGE'],
  ])
  const notes = lines.filter((line) => line.startsWith('left out'))
  assert.deepEqual(notes, [
    'left out images that lie in no class folder: 1',
    `left out ${first}/notes.txt: no image by its first bytes`,
    `left out classes of one image, which have no pair: ${alone}`,
  ])
  const { folds, test: tested } = report.split
  assert.deepEqual(new Set([...folds.flat(), ...tested]), new Set(labels.slice(0, 6)))
})

test('two classes are too few, and no image is read for it', async (t) => {
  const { folder, labels, train } = await workplace(t, 2, 2)
  writeFileSync(join(folder, labels[0]!, 'broken.png'), 'this is text')
  await assert.rejects(train('tiny'), failsWith('TRAINING_INVALID', 'at least 6 classes', 'got 2'))
})

test('a backbone for a batch of one trains, and its export takes one image at a time', async (t) => {
  const { models, train } = await workplace(t, 6, 3)
  const description = { ...tinyDescription, name: 'single', input: PICTURE }
  await writeBundle(models, tinyModel({ batch: 1, ...reshapeToOne }), description)
  const { report: any } = await train('tiny')
  const { report: one, place } = await train('single')
  assert.deepEqual(one.test, any.test)
  const embedder = await openOnnxEmbedder({ folder: place, provider: 'cpu' })
  await embedder.close()
  assert.equal(embedder.maxBatch, 1)
})

test('a backbone that normalises already gives what one that does not gives', async (t) => {
  const { models, train } = await workplace(t, 6, 3)
  const tail = [
    node('Sqrt', ['mean'], ['root']),
    node('LpNormalization', ['root'], ['embedding'], { axis: 1n, p: 2n }),
  ]
  const { output } = tinyDescription
  for (const normalise of ['l2', 'none'] as const) {
    const description = { ...tinyDescription, name: 'unit', input: PICTURE }
    await writeBundle(models, tinyModel({ tail }), {
      ...description,
      output: { ...output, normalise },
    })
    const [{ report: unit }, { report: plain }] = [await train('unit'), await train('tiny')]
    for (const row of ['backbone', 'pca', 'head'] as const) {
      const [got, wanted] = [unit.test[row].mapAtR, plain.test[row].mapAtR]
      assertClose(got, wanted, `${normalise}: ${row}`, 1e-6)
    }
  }
})
