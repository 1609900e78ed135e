import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readBundle } from '../../../src/adapters/models-folder/read-bundle.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { backboneFeatures } from '../../../src/training/data/backbone-features.ts'
import type { EmbeddingOptions } from '../../../src/training/data/embed-files.ts'
import { rowOf } from '../../../src/vector/row-matrix.ts'
import { failsWith } from '../../support/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { tinyDescription, tinyModel, writeBundle } from '../../support/tiny-model.ts'

const EMOJI = 'examples/emoji'
const startProgress = () => ({ update() {}, stop() {} })
/** Images that are embedded at a time. */
const AT_ONCE = 8

test('an embedding that is interrupted resumes at the images it had not reached', async (t) => {
  const { root, featuresOf } = await tinyBackbone(t)
  const images = emojiFiles(60)
  const patient = new AbortController().signal

  const stopAt = 40
  const stop = new AbortController()
  const stopping = images.map((image, i) => (i === stopAt ? readTwice(image, stop) : image))
  await assert.rejects(featuresOf(stopping, 'data', stop.signal), failsWith('CANCELLED'))

  const resumed = await featuresOf(images, 'data', patient)
  const { known, damaged } = resumed
  assert.ok(known > stopAt - AT_ONCE && known < stopAt + AT_ONCE, `${known} were known`)
  assert.equal(damaged, null)
  const whole = await featuresOf(images, 'other data', patient)
  assert.equal(whole.known, 0)
  assert.deepEqual(resumed.features, whole.features)

  const folder = join(root, 'data', 'features')
  const file = join(folder, readdirSync(folder)[0]!)
  writeFileSync(file, readFileSync(file).subarray(0, -1))
  const repaired = await featuresOf(images, 'data', patient)
  assert.deepEqual([repaired.known, repaired.damaged], [59, 'its last entry is cut off'])
  assert.deepEqual(repaired.features, whole.features)
})

test('each view of each image is embedded once, beside the plain image, which stays as it is', async (t) => {
  const { featuresOf } = await tinyBackbone(t)
  const images = emojiFiles(12)
  const { signal } = new AbortController()
  const one = await featuresOf(images, 'data', signal)
  assert.deepEqual(one.otherViews, [])
  const three = await featuresOf(images, 'data', signal, 3)
  assert.deepEqual(three.features, one.features)
  const [first, second] = three.otherViews
  assert.equal(three.otherViews.length, 2)
  assert.notDeepEqual(first, one.features)
  assert.notDeepEqual(first, second)

  const embed = () => assert.fail('all views were known')
  const again = await featuresOf(images, 'data', signal, 3, { embed })
  assert.deepEqual(again.otherViews, three.otherViews)
  // The order of the images makes no difference to their views.
  const turned = await featuresOf(images.toReversed(), 'other data', signal, 2)
  assert.deepEqual(rowOf(turned.otherViews[0]!, 11), rowOf(first!, 0))
})

async function tinyBackbone(t: TestContext) {
  const root = temporaryFolder(t)
  const input = { ...tinyDescription.input, mean: [0, 0, 0] }
  await writeBundle(root, tinyModel(), { ...tinyDescription, input })
  const { bundle } = await readBundle(join(root, 'tiny'))
  const featuresOf = (
    images: readonly Image[],
    data: string,
    signal: AbortSignal,
    views = 1,
    more: Partial<EmbeddingOptions> = {},
  ) => {
    const config = loadConfig({}, { data: join(root, data), models: root, model: 'tiny' })
    const options = { startProgress, read: readFile, signal, ...more }
    return backboneFeatures(EMOJI, images, views, bundle, config, options)
  }
  return { root, featuresOf }
}

function emojiFiles(count: number): Image[] {
  return readdirSync(EMOJI, { recursive: true, encoding: 'utf8' })
    .filter((id) => id.endsWith('.png'))
    .sort()
    .slice(0, count)
    .map((id) => ({ id, path: join(EMOJI, id) }))
}

interface Image {
  readonly id: string
  readonly path: string
}

/** An image that is read for its hash and then, when it is its turn to be embedded, ends the work. */
function readTwice({ id, path }: Image, stop: AbortController): Image {
  let reads = 0
  return {
    id,
    get path() {
      if (++reads === 2) stop.abort()
      return path
    },
  }
}
