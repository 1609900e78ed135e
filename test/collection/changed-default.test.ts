import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Service, startService } from '../../src/service/service.ts'
import { failsWith } from '../support/errors.ts'
import { testConfig } from '../support/service.ts'
import { DEFAULT_MODEL, FLOAT_MODEL } from '../support/shipped-models.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { tinyModel, writeBundle } from '../support/tiny-model.ts'

const cat = readFileSync('examples/emoji/animal-mammal/cat.google.png')

/** A data folder whose collection `old`, of the float model, has one image, opened with another default. */
async function withOldCollection(t: TestContext): Promise<Service> {
  const dataFolder = join(temporaryFolder(t), 'data')
  const open = async (model: string) => {
    const service = await startService({ ...testConfig(dataFolder), model })
    t.after(() => service.close())
    await service.loaded
    return service
  }
  const before = await open(FLOAT_MODEL)
  await before.collections.create({ name: 'old' })
  await before.collections.get('old').addImage({ id: 'before', bytes: cat, metadata: {} })
  await before.close()
  return await open(DEFAULT_MODEL)
}

test('a collection keeps its model when the default changes; a new one takes the new default', async (t) => {
  const { collections } = await withOldCollection(t)
  const again = await collections.create({ name: 'old' })
  assert.deepEqual([again.created, again.status.model], [false, FLOAT_MODEL])
  const fresh = await collections.create({ name: 'new' })
  assert.deepEqual([fresh.created, fresh.status.model], [true, DEFAULT_MODEL])
})

test('another model by name than the collection has is refused, and both are named', async (t) => {
  const { collections } = await withOldCollection(t)
  const asked = collections.create({ name: 'old', model: DEFAULT_MODEL })
  await assert.rejects(asked, failsWith('COLLECTION_DIFFERS', FLOAT_MODEL, DEFAULT_MODEL))
})

// Both models make 1,280 numbers, so that a mixture would show in no length.
test('what is added and searched after the default has changed is embedded by the old model', async (t) => {
  const old = (await withOldCollection(t)).collections.get('old')
  await old.addImage({ id: 'after', bytes: cat, metadata: {} })
  const { records } = await old.page({ limit: 2, cursor: null, filter: null, vectors: true })
  assert.deepEqual(records[0]!.vector, records[1]!.vector)
  const { matches } = await old.search({
    query: { positive: [{ kind: 'image', bytes: cat }], negative: [] },
    k: 2,
    radius: null,
    filter: null,
    groupBy: null,
    groupSize: 1,
    exactIndex: 'scan',
    accuracy: 'exact',
    include: [],
    limit: 2,
    cursor: null,
  })
  assert.deepEqual(
    matches.map(({ distance }) => distance < 1e-6),
    [true, true],
  )
})

test('a models folder without the default model is an error that says how to choose another', async (t) => {
  const root = temporaryFolder(t)
  await writeBundle(join(root, 'models'), tinyModel())
  const config = { ...testConfig(join(root, 'data')), modelsFolder: join(root, 'models') }
  const { collections, close } = await startService(config)
  t.after(close)
  const made = collections.create({ name: 'c' })
  await assert.rejects(made, failsWith('MODEL_NOT_FOUND', DEFAULT_MODEL, 'LOOKALIKE_MODEL'))
})
