import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { lockDataFolder } from '../../../../src/engine/embedded/store/data-folder-lock.ts'
import { failsWith } from '../../../support/errors.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'
import { openEngine } from '../../../support/open-engine.ts'
import { sampleRecord, sampleSpec } from '../../../support/sample-records.ts'
import { onTinyDisk } from '../../../support/tiny-disk.ts'

const PROGRAM = fileURLToPath(new URL('./ending-process.js', import.meta.url))

const databaseOf = (folder: string) => join(folder, 'lookalike.sqlite')
const logOf = (folder: string) => join(folder, 'lookalike.sqlite-wal')

/** Has another process open the folder, which ends in this way. */
function end(folder: string, how: string, write: 'write' | 'nothing' = 'write'): void {
  const { status, signal, stderr } = spawnSync(process.execPath, [PROGRAM, folder, how, write])
  assert.notEqual(status, 0, how)
  // Otherwise it has ended before, for another reason.
  if (how === 'throws') assert.match(stderr.toString(), /Error: as it was told/)
  assert.equal(signal === 'SIGKILL', how.startsWith('killed'), how)
}

/** Opens the folder, closes it, and gives the number of records that its collection has. */
async function recordsIn(folder: string): Promise<number> {
  const engine = await openEngine(folder)
  try {
    await engine.loaded
    return engine.names.reduce((sum, name) => sum + engine.collection(name).size, 0)
  } finally {
    await engine.close()
    assert.equal(existsSync(logOf(folder)), false, 'an orderly close leaves no log')
  }
}

test('a start refuses a database whose log was removed after a kill, until an empty one is made', async () => {
  await inTemporaryFolder(async (folder) => {
    end(folder, 'killed')
    rmSync(logOf(folder))
    for (let i = 0; i < 2; i++) {
      await assert.rejects(openEngine(folder), (error) => {
        assert.ok(failsWith('LOG_MISSING')(error))
        assert.match((error as Error).message, /lookalike\.sqlite-wal, found none.* at \d{4}-.*T/)
        return true
      })
      assert.equal(existsSync(logOf(folder)), false)
    }
    writeFileSync(logOf(folder), '')
    assert.equal(await recordsIn(folder), 0, 'the record was in the log alone')
    assert.equal(await recordsIn(folder), 0)
  })
})

test('a process that ends without closing the database leaves a log, and the next start has all', async () => {
  for (const how of ['killed', 'exits', 'throws']) {
    await inTemporaryFolder(async (folder) => {
      end(folder, how)
      assert.ok(existsSync(logOf(folder)), how)
      assert.equal(await recordsIn(folder), 1, how)
    })
  }
})

test('a process that is killed before it wrote anything, or while it reads the log, stops no later start', async () => {
  await inTemporaryFolder(async (folder) => {
    end(folder, 'killed', 'nothing')
    end(folder, 'killed while it reads the log')
    end(folder, 'killed')
    end(folder, 'killed while it reads the log')
    end(folder, 'killed while it reads the log')
    assert.equal(await recordsIn(folder), 1)
  })
})

test('copies of a data folder start: of a stopped one, of a running one with its log, and of its database alone', async () => {
  await inTemporaryFolder(async (parent) => {
    const [folder, whole, alone] = ['data', 'whole', 'alone'].map((name) => join(parent, name))
    const child = spawn(process.execPath, [PROGRAM, folder!, 'stays', 'write'])
    const exited = once(child, 'exit')
    await once(child.stdout, 'data')
    cpSync(folder!, whole!, { recursive: true })
    lockDataFolder(alone!).release()
    rmSync(databaseOf(alone!))
    const running = new Database(databaseOf(folder!), { readonly: true })
    running.prepare('VACUUM INTO ?').run(databaseOf(alone!))
    running.close()
    child.kill('SIGKILL')
    await exited
    assert.equal(await recordsIn(whole!), 1)
    await assert.rejects(openEngine(alone!), failsWith('LOG_MISSING'))
    writeFileSync(logOf(alone!), '')
    assert.equal(await recordsIn(alone!), 1)
    const stopped = join(parent, 'stopped')
    cpSync(alone!, stopped, { recursive: true })
    assert.equal(await recordsIn(stopped), 1)
  })
})

test('a database of a version without the mark starts without a log', async () => {
  await inTemporaryFolder(async (folder) => {
    const engine = await openEngine(folder)
    await engine.create(sampleSpec())
    await engine.close()
    const database = new Database(databaseOf(folder))
    database.exec(
      `ALTER TABLE state DROP COLUMN opened_at; DROP TABLE documents; DROP TABLE identity_effects;
       DROP TABLE identity_changes; DROP TABLE identity_facts; DROP TABLE expiries;
       ALTER TABLE collections DROP COLUMN last_identity_change; PRAGMA user_version = 4`,
    )
    database.close()
    assert.equal(await recordsIn(folder), 0)
  })
})

test('a stop and a start on a full disk need no mark', async (t) => {
  const mounted = await onTinyDisk(8 * 1024 * 1024, async (folder) => {
    const engine = await openEngine(folder)
    const { collection } = await engine.create(sampleSpec())
    await collection.put(sampleRecord('a'))
    takeTheRest(folder)
    await engine.close()
    takeTheRest(folder)
    for (let i = 0; i < 2; i++) {
      const again = await openEngine(folder)
      await again.loaded
      assert.equal(again.collection('faces').size, 1)
      takeTheRest(folder)
      await again.close()
    }
    end(folder, 'killed', 'nothing')
    const last = await openEngine(folder)
    await last.loaded
    assert.equal(last.collection('faces').size, 1)
    await last.close()
  })
  if (!mounted) t.skip('only root may mount a small disk')
})

function takeTheRest(folder: string): void {
  const { status } = spawnSync('sh', ['-c', 'cat /dev/zero >> of-another'], { cwd: folder })
  assert.notEqual(status, 0, 'the disk is full')
}
