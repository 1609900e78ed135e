import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { compactDataFolder } from '../../../../src/engine/embedded/store/compact.ts'
import { bytesOnDisk } from '../../../support/bytes-on-disk.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { openEngine } from '../../../support/open-engine.ts'
import { sampleRecord, sampleSpec } from '../../../support/sample-records.ts'

test('compacting removes what an earlier version left in free pages and caches, and nothing else', async () => {
  await inTemporaryFolder(async (folder) => {
    const first = await openEngine(folder)
    const { collection } = await first.create(sampleSpec())
    const kept = sampleRecord('kept', { metadata: { name: 'who stays' } })
    await collection.put(kept)
    await first.close()
    const old = new Database(join(folder, 'lookalike.sqlite'))
    old.exec("CREATE TABLE t (x TEXT); INSERT INTO t VALUES (hex(zeroblob(9000)) || 'who left')")
    old.exec('DROP TABLE t')
    old.close()
    mkdirSync(join(folder, 'features'))
    writeFileSync(join(folder, 'features', 'a.features'), 'who left')
    assert.ok(bytesOnDisk(folder).includes('who left'))

    const { bytesBefore, bytesAfter } = compactDataFolder(folder)
    assert.ok(bytesAfter < bytesBefore)
    assert.ok(!bytesOnDisk(folder).includes('who left'))
    const second = await openEngine(folder)
    try {
      const found = await second.collection('faces').get('kept', { vector: true })
      assert.deepEqual(found?.metadata, kept.metadata)
      assert.deepEqual(found?.vector, kept.vector)
      assert.throws(() => compactDataFolder(folder), { code: 'DATA_FOLDER_LOCKED' })
    } finally {
      await second.close()
    }
  })
})

test('where there is no data folder none is made', async () => {
  await inTemporaryFolder(async (parent) => {
    const folder = join(parent, 'none')
    assert.throws(() => compactDataFolder(folder), { code: 'DATA_FOLDER_UNUSABLE' })
    assert.ok(!existsSync(folder))
  })
})
