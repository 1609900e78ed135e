import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readBundle } from '../../../src/adapters/models-folder/read-bundle.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { backboneFeatures } from '../../../src/training/data/backbone-features.ts'
import { failsWith } from '../../support/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { tinyDescription, tinyModel, writeBundle } from '../../support/tiny-model.ts'

const EMOJI = 'examples/emoji'
const startProgress = () => ({ update() {}, stop() {} })
/** Images that are embedded at a time. */
const AT_ONCE = 8

test('an embedding that is interrupted resumes at the images it had not reached', async (t) => {
  const root = temporaryFolder(t)
  const input = { ...tinyDescription.input, mean: [0, 0, 0] }
  await writeBundle(root, tinyModel(), { ...tinyDescription, input })
  const { bundle } = await readBundle(join(root, 'tiny'))
  const featuresOf = (images: readonly Image[], data: string, signal: AbortSignal) => {
    const config = loadConfig({}, { data: join(root, data), models: root, model: 'tiny' })
    return backboneFeatures(EMOJI, images, bundle, config, {
      startProgress,
      read: readFile,
      signal,
    })
  }
  const images = readdirSync(EMOJI, { recursive: true, encoding: 'utf8' })
    .filter((id) => id.endsWith('.png'))
    .sort()
    .slice(0, 60)
    .map((id) => ({ id, path: join(EMOJI, id) }))
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
