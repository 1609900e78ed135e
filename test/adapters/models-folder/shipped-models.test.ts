import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bundleFolder } from '../../../src/adapters/models-folder/bundle-folder.ts'
import { listModels } from '../../../src/adapters/models-folder/read-bundle.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** Own models `mine` and `both`, shipped ones `both` and `shipped`. */
function places(t: TestContext) {
  const root = temporaryFolder(t)
  const [modelsFolder, shippedModels] = [join(root, 'own'), join(root, 'package')]
  for (const folder of [
    join(modelsFolder, 'mine'),
    join(modelsFolder, 'both'),
    join(shippedModels, 'both'),
    join(shippedModels, 'shipped'),
  ]) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'model.json'), '{}')
  }
  return { modelsFolder, shippedModels }
}

test('own models and shipped ones are listed by name, an own one instead of a shipped one of its name', async (t) => {
  const { modelsFolder, shippedModels } = places(t)
  const found = await listModels({ modelsFolder, shippedModels })
  assert.deepEqual(
    found.map(({ folder }) => folder),
    [join(modelsFolder, 'both'), join(modelsFolder, 'mine'), join(shippedModels, 'shipped')],
  )
})

test('a model is read where it is listed', async (t) => {
  const found = places(t)
  for (const { name, folder } of await listModels(found)) {
    assert.equal(bundleFolder(found, name), folder)
  }
  assert.equal(bundleFolder(found, 'none'), join(found.modelsFolder, 'none'))
})

test('shipped models are there before the first own one makes the folder', async (t) => {
  const { modelsFolder, shippedModels } = places(t)
  const found = await listModels({ modelsFolder: join(modelsFolder, 'new'), shippedModels })
  assert.deepEqual(
    found.map(({ name }) => name),
    ['both', 'shipped'],
  )
})
