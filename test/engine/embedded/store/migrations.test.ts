import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { MIGRATIONS, migrate } from '../../../../src/engine/embedded/store/migrations.ts'
import type { RecordStore } from '../../../../src/engine/embedded/store/record-store.ts'
import { allVectors } from '../../../support/describe-record-store.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { withSqliteStore } from '../../../support/open-sqlite-store.ts'
import { sampleRecord } from '../../../support/sample-records.ts'
import { VERSION_1_SPEC, writeVersion1 } from '../../../support/version-1-database.ts'

const FILE = 'lookalike.sqlite'

async function holdsWhatVersion1Held(store: RecordStore): Promise<void> {
  const [collection, ...others] = await store.collections()
  assert.deepEqual(collection, {
    key: 1,
    // What a collection could not say then is as it was then.
    spec: {
      ...VERSION_1_SPEC,
      latencyBudgetMs: 5,
      recallTarget: 0.95,
      memory: 'float32',
      retainFor: null,
      quality: null,
    },
    generation: 0,
    createdAt: '2026-01-02T03:04:05.678Z',
  })
  assert.deepEqual(others, [])
  const records = await store.page(1, { after: null, limit: 9, filter: null })
  assert.deepEqual(
    records.map(({ key, id, metadata, hasContent }) => ({ key, id, metadata, hasContent })),
    [
      { key: 7, id: 'a', metadata: { label: 1 }, hasContent: true },
      { key: 9, id: 'b', metadata: {}, hasContent: false },
    ],
  )
  assert.equal(records[0]?.image?.contentHash, 'c'.repeat(64))
  assert.equal(records[0]?.image?.fingerprint, null)
  assert.deepEqual(await store.content(1, 'a'), {
    mediaType: 'image/png',
    bytes: Uint8Array.of(1, 2, 3),
  })
  await holdsVectors(store, [1, 2, 3, 4, 0, 0, 0, 1])
  assert.equal(await store.bytes(1), 321)
}

async function holdsVectors(store: RecordStore, wanted: readonly number[]): Promise<void> {
  const batches = await allVectors(store, 1)
  assert.deepEqual(
    batches.flatMap(({ vectors }) => [...vectors]),
    wanted,
  )
}

function versionOf(path: string): unknown {
  const database = new Database(path)
  try {
    return database.pragma('user_version', { simple: true })
  } finally {
    database.close()
  }
}

function schemaOf(path: string): unknown {
  const database = new Database(path)
  try {
    return database.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all()
  } finally {
    database.close()
  }
}

test('a file of version 1 is brought up to date and keeps what it held', async () => {
  await inTemporaryFolder(async (folder) => {
    writeVersion1(join(folder, FILE))
    await withSqliteStore({ folder }, holdsWhatVersion1Held)
    assert.equal(versionOf(join(folder, FILE)), MIGRATIONS.length)
    await withSqliteStore({ folder }, holdsWhatVersion1Held)
  })
})

test('a file of version 1 takes records once it is up to date, and gives no key twice', async () => {
  await inTemporaryFolder(async (folder) => {
    writeVersion1(join(folder, FILE))
    await withSqliteStore({ folder }, async (store) => {
      assert.deepEqual(await store.put(1, sampleRecord('a')), { key: 13, replacedKey: 7 })
      assert.equal(await store.content(1, 'a'), null)
    })
  })
})

test('a file of version 3 keeps its records and jobs, and can then hold vectors of another model', async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, FILE)
    writeVersion1(path)
    const database = new Database(path)
    migrate(database, MIGRATIONS.slice(0, 3))
    const job = { id: 'job', state: 'queued' }
    database
      .prepare('INSERT INTO jobs (id, job, input) VALUES (?, ?, ?)')
      .run('job', JSON.stringify(job), '{}')
    database.close()
    assert.equal(versionOf(path), 3)
    await withSqliteStore({ folder }, async (store) => {
      await holdsWhatVersion1Held(store)
      assert.deepEqual(await store.jobs.jobs(), [job])
      const wanted = { model: 'm', modelSha256: 'a'.repeat(64), dimensions: 2, activeSha256: null }
      const { generation } = await store.generations.begin(1, wanted)
      const vectors = [7, 9].map((key) => ({ position: key, vector: Float32Array.of(key, 1) }))
      assert.equal(await store.generations.addVectors(1, generation, vectors), 2)
      await holdsVectors(store, [1, 2, 3, 4, 0, 0, 0, 1])
      await store.generations.switchTo(1, generation, 2)
    })
    await withSqliteStore({ folder }, (store) => holdsVectors(store, [7, 1, 9, 1]))
  })
})

test('a migrated file has the schema of a new one', async () => {
  await inTemporaryFolder(async (folder) => {
    const old = join(folder, 'old.sqlite')
    writeVersion1(old)
    const fresh = join(folder, 'new.sqlite')
    for (const path of [old, fresh]) {
      const database = new Database(path)
      migrate(database)
      database.close()
    }
    assert.deepEqual(schemaOf(old), schemaOf(fresh))
  })
})

test('a step that fails leaves the version before it, and all of its data', async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, FILE)
    writeVersion1(path)
    const database = new Database(path)
    const failing = 'DELETE FROM records; SELECT * FROM no_such_table'
    assert.throws(() => migrate(database, [...MIGRATIONS, failing]), /no_such_table/)
    database.close()
    assert.equal(versionOf(path), MIGRATIONS.length)
    await withSqliteStore({ folder }, holdsWhatVersion1Held)
  })
})

test('a process that is killed in a step leaves the version before it, and all of its data', async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, FILE)
    writeVersion1(path)
    const program = fileURLToPath(new URL('./killed-migration-process.js', import.meta.url))
    const { signal } = spawnSync(process.execPath, [program, path], { stdio: 'inherit' })
    assert.equal(signal, 'SIGKILL')
    assert.equal(versionOf(path), MIGRATIONS.length)
    await withSqliteStore({ folder }, holdsWhatVersion1Held)
  })
})
