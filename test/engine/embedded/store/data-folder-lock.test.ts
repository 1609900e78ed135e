import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { lockDataFolder } from '../../../../src/engine/embedded/store/data-folder-lock.ts'
import { AppError, type ErrorCode } from '../../../../src/errors.ts'
import { inTemporaryFolder } from '../../../support/in-temporary-folder.ts'

function throwsWith(code: ErrorCode, message: RegExp, run: () => void): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof AppError)
    assert.equal(error.code, code)
    assert.match(error.message, message)
    assert.ok(error.cause instanceof Error)
    return true
  })
}

test('a folder is made, locked, and free again after the release', async () => {
  await inTemporaryFolder(async (parent) => {
    const folder = join(parent, 'new', 'data')
    const lock = lockDataFolder(folder)
    throwsWith('DATA_FOLDER_LOCKED', /another lookalike .* `--url`/, () => lockDataFolder(folder))
    lock.release()
    lockDataFolder(folder).release()
  })
})

test('the lock of another process holds until that process is killed', async () => {
  await inTemporaryFolder(async (folder) => {
    const program = fileURLToPath(new URL('./lock-process.js', import.meta.url))
    const child = spawn(process.execPath, [program, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    try {
      const [line] = await once(child.stdout, 'data')
      assert.equal(String(line), 'locked\n')
      throwsWith('DATA_FOLDER_LOCKED', /another lookalike/, () => lockDataFolder(folder))
    } finally {
      child.kill('SIGKILL')
      await exited
    }
    lockDataFolder(folder).release()
  })
})

test('a folder that cannot be made or a broken lock file is unusable', async () => {
  await inTemporaryFolder(async (parent) => {
    writeFileSync(join(parent, 'file'), '')
    throwsWith('DATA_FOLDER_UNUSABLE', /ENOTDIR/, () => lockDataFolder(join(parent, 'file', 'x')))
    writeFileSync(join(parent, 'lock.sqlite'), 'not a database at all. '.repeat(100))
    throwsWith('DATA_FOLDER_UNUSABLE', /not a database/, () => lockDataFolder(parent))
  })
})

test('a lock whose file was removed still keeps others out, while the database is open', async () => {
  await inTemporaryFolder(async (folder) => {
    const serving = await serveFolder(folder)
    try {
      rmSync(join(folder, 'lock.sqlite'))
      throwsWith('DATA_FOLDER_LOCKED', /another lookalike/, () => lockDataFolder(folder))
    } finally {
      serving.kill('SIGKILL')
      await once(serving, 'exit')
    }
    lockDataFolder(folder).release()
  })
})

/** Another process with the database open. */
async function serveFolder(folder: string) {
  const program = fileURLToPath(new URL('./lock-process.js', import.meta.url))
  const child = spawn(process.execPath, [program, folder, 'open'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}
