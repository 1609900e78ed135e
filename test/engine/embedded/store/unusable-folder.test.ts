import assert from 'node:assert/strict'
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { openRecordStore } from '../../../../src/engine/embedded/store/record-store.ts'
import { AppError } from '../../../../src/errors.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { withSqliteStore } from '../../../support/open-sqlite-store.ts'
import { sampleRecord, sampleSpec } from '../../../support/sample-records.ts'

async function fill(folder: string): Promise<void> {
  await withSqliteStore({ folder }, async (store) => {
    const { key } = await store.createCollection(sampleSpec())
    const puts = Array.from({ length: 500 }, (_, i) => store.put(key, sampleRecord(`id-${i}`)))
    await Promise.all(puts)
  })
}

async function isRefused(folder: string, path: string, reason: RegExp): Promise<void> {
  await assert.rejects(openRecordStore({ folder }), (error) => {
    assert.ok(error instanceof AppError)
    assert.equal(error.code, 'DATA_FOLDER_UNUSABLE')
    assert.ok(error.message.includes(path), error.message)
    assert.match(error.message, reason)
    return true
  })
}

test('a file that is no database is refused and left as it is', async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, 'lookalike.sqlite')
    writeFileSync(path, 'not a database at all. '.repeat(1000))
    const before = readFileSync(path)
    await isRefused(folder, path, /not a database/)
    assert.deepEqual(readFileSync(path), before)
  })
})

test('a database that was cut off is refused', async () => {
  await inTemporaryFolder(async (folder) => {
    await fill(folder)
    const path = join(folder, 'lookalike.sqlite')
    truncateSync(path, 3 * 4096)
    await isRefused(folder, path, /malformed/)
  })
})

test('a database whose tables were overwritten is refused', async () => {
  await inTemporaryFolder(async (folder) => {
    await fill(folder)
    const path = join(folder, 'lookalike.sqlite')
    const size = readFileSync(path).byteLength
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096)
    closeSync(file)
    await isRefused(folder, path, /malformed/)
  })
})

test('a database of a newer version is refused by number', async () => {
  await inTemporaryFolder(async (folder) => {
    await fill(folder)
    const path = join(folder, 'lookalike.sqlite')
    const database = new Database(path)
    database.pragma('user_version = 1000')
    database.close()
    await isRefused(folder, path, /expected schema version 1 to \d+, got 1000/)
  })
})

test('a database of another program is refused', async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, 'lookalike.sqlite')
    const database = new Database(path)
    database.exec('CREATE TABLE songs (title TEXT)')
    database.close()
    await isRefused(folder, path, /another program/)
  })
})

test('a folder that cannot be made is refused', async () => {
  await inTemporaryFolder(async (parent) => {
    writeFileSync(join(parent, 'file'), '')
    const folder = join(parent, 'file', 'data')
    await isRefused(folder, folder, /ENOTDIR/)
  })
})
