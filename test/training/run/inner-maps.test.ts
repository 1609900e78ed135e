import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { NodeProto, TensorProto } from 'onnx-buf'
import { loadConfig } from '../../../src/config/config.ts'
import { recipeOf, type TrainingRecipe } from '../../../src/learning/recipe.ts'
import { readOnnx, writeOnnx } from '../../../src/onnx/model-file.ts'
import { floatTensor, int64Tensor, node, valueInfo } from '../../../src/onnx/parts.ts'
import { trainModel } from '../../../src/training/run/train-model.ts'
import { seededRandom } from '../../../src/vector/random.ts'
import { convModel } from '../../support/conv-model.ts'
import { failsWith } from '../../support/errors.ts'
import { encoder } from '../../support/images.ts'
import { labelledPictures } from '../../support/labelled-pictures.ts'
import { tinyDescription, writeBundle } from '../../support/tiny-model.ts'

const SEED = 17
const LENGTH = 8

async function workplace(t: TestContext) {
  const { root, folder, models, labels } = await labelledPictures(t, 6, 3)
  const data = join(root, 'data')
  const lines: string[] = []
  let embedded = 0
  const train = async (model: string, given: Partial<TrainingRecipe> = {}) => {
    const some = { dimensions: 2, steps: 10, starts: ['inner', 'pca'] } as const
    const recipe = recipeOf({ kind: 'margin' }, { ...some, ...given })
    const config = loadConfig({}, { data, models, model })
    const source = { kind: 'folder', path: folder, within: null } as const
    return await trainModel({ source, recipe, name: 'learnt', force: true }, config, {
      onNote: (line) => lines.push(line),
      onProgress() {},
      startProgress(total) {
        embedded += total
        return { update() {}, stop() {} }
      },
      signal: new AbortController().signal,
    })
  }
  return { data, folder, models, labels, lines, train, embedded: () => embedded }
}

/** Writes a bundle whose embedding is the means of the channels of `last`, made of `image`. */
async function writeConvolutions(
  models: string,
  name: string,
  nodes: readonly NodeProto[],
  initialisers: readonly TensorProto[],
): Promise<void> {
  const model = readOnnx(convModel())
  const { graph } = model
  graph.node = [
    ...nodes,
    node('GlobalAveragePool', ['last'], ['pooled']),
    node('Flatten', ['pooled'], ['embedding'], { axis: 1n }),
  ]
  graph.initializer = [...initialisers]
  graph.input = [valueInfo('image', 1, ['n', 3, 4, 4])]
  graph.output = [valueInfo('embedding', 1, ['n', LENGTH])]
  await writeBundle(models, writeOnnx(model), {
    ...tinyDescription,
    name,
    input: { ...tinyDescription.input, layout: 'NCHW', mean: [0, 0, 0] },
    output: { name: 'embedding', dimensions: LENGTH, normalise: 'l2' },
  })
}

const random = seededRandom(SEED)
const weights = (name: string, dims: readonly number[]) =>
  floatTensor(
    name,
    dims,
    Array.from({ length: dims.reduce((product, size) => product * size) }, () => random()),
  )

test('a model without inner maps and no other start is refused before an image is embedded', async (t) => {
  const { data, train, embedded } = await workplace(t)
  const refused = failsWith('TRAINING_INVALID', 'beside inner', 'tiny has none that are found')
  await assert.rejects(train('tiny', { starts: ['inner'] }), refused)
  assert.equal(embedded(), 0)
  assert.equal(existsSync(join(data, 'features')), false)
})

test('why no head starts from inner maps is said, the one reason', async (t) => {
  const { lines, train } = await workplace(t)
  await train('tiny')
  const notes = lines.filter((line) => line.startsWith('no head'))
  assert.deepEqual(notes, ['no head is started as inner: tiny has none that are found'])
})

test('a head trains on inner maps of convolutions in groups', async (t) => {
  const { models, train } = await workplace(t)
  const nodes = [
    node('Conv', ['image', 'first'], ['map']),
    node('Conv', ['map', 'grouped'], ['last'], { group: 2n }),
  ]
  const initialisers = [weights('first', [4, 3, 1, 1]), weights('grouped', [LENGTH, 2, 1, 1])]
  await writeConvolutions(models, 'groups', nodes, initialisers)
  const { report } = await train('groups')
  assert.ok(report.heads.some(({ start }) => start === 'inner'))
})

test('a model that cannot be opened with its inner maps trains without them, and says why', async (t) => {
  const { models, lines, train } = await workplace(t)
  // The maps have two parts of each image behind each other: more rows than images.
  const nodes = [
    node('Reshape', ['image', 'parts'], ['apart']),
    node('Conv', ['apart', 'weight'], ['wide']),
    node('Reshape', ['wide', 'whole'], ['last']),
  ]
  const initialisers = [
    int64Tensor('parts', [4], [-1, 3, 2, 4]),
    int64Tensor('whole', [4], [-1, LENGTH, 4, 4]),
    weights('weight', [LENGTH, 3, 1, 1]),
  ]
  await writeConvolutions(models, 'parts', nodes, initialisers)
  const { report } = await train('parts')
  assert.ok(report.heads.every(({ start }) => start === 'pca'))
  assert.match(lines.join('\n'), /no head is started as inner: model parts: onnxruntime cannot run/)
})

test('an image whose features have no direction is refused, also where its inner maps have one', async (t) => {
  const { folder, models, labels, train } = await workplace(t)
  // Only what is above 8 counts, in a map of all.
  const nodes = [
    node('Conv', ['image', 'first', 'eight'], ['map']),
    node('Conv', ['map', 'second', 'less'], ['wide']),
    node('Relu', ['wide'], ['last']),
  ]
  const constant = (name: string, size: number, value: number) =>
    floatTensor(name, [size], new Array<number>(size).fill(value))
  const initialisers = [
    ...[weights('first', [4, 3, 1, 1]), constant('eight', 4, 8)],
    ...[weights('second', [LENGTH, 4, 1, 1]), constant('less', LENGTH, -64)],
  ]
  await writeConvolutions(models, 'zero', nodes, initialisers)
  const pixels = new Uint8Array(8 * 8 * 3)
  const black = await encoder({ pixels, width: 8, height: 8 }).png().toBuffer()
  writeFileSync(join(folder, labels[0]!, 'black.png'), black)
  const { refused, report } = await train('zero', { views: 2 })
  assert.deepEqual(
    refused.map(({ file, code }) => [file, code]),
    [[`${labels[0]}/black.png`, 'NO_USABLE_EMBEDDING']],
  )
  assert.ok(report.heads.some(({ start }) => start === 'inner'))
})
