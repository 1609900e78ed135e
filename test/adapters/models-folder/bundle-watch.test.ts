import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { BundleWatch } from '../../../src/adapters/models-folder/bundle-watch.ts'
import { inTemporaryFolder } from '../../support/in-temporary-folder.ts'
import { tinyModel, writeBundle } from '../../support/tiny-model.ts'

test('a changed bundle is noticed once, when its files have come to rest', () =>
  inTemporaryFolder(async (modelsFolder) => {
    const folder = await writeBundle(modelsFolder, tinyModel())
    const changed: string[] = []
    const watch = new BundleWatch({
      modelsFolder,
      shippedModels: null,
      everyMs: 3_600_000,
      names: () => ['tiny'],
      onChange: async (name) => void changed.push(name),
    })
    try {
      await watch.note('tiny')
      await watch.look()
      await watch.look()
      assert.deepEqual(changed, [])
      await writeFile(join(folder, 'model.onnx'), 'half')
      await watch.look()
      await writeFile(join(folder, 'model.onnx'), 'half and more')
      await watch.look()
      assert.deepEqual(changed, [])
      await watch.look()
      await watch.look()
      assert.deepEqual(changed, ['tiny'])
    } finally {
      await watch.close()
    }
  }))
