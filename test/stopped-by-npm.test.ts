import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { inTemporaryFolder } from './support/in-temporary-folder.ts'
import { tinyModel, writeBundle } from './support/tiny-model.ts'

const WITHIN_MS = 60_000

test('the service stops when the shell dies in which npm has started it', async () => {
  await inTemporaryFolder(async (folder) => {
    const models = join(folder, 'models')
    await writeBundle(models, tinyModel())
    const data = join(folder, 'data')
    // As npm does: the shell waits for the command, since more comes after it.
    const command = `"${process.execPath}" bin/lookalike.js serve --port 0 --data "${data}"; true`
    const shell = spawn('sh', ['-c', command], {
      env: {
        ...process.env,
        npm_command: 'start',
        LOOKALIKE_MODELS: models,
        LOOKALIKE_MODEL: 'tiny',
      },
      stdio: 'ignore',
    })
    const announced = join(data, 'service.json')
    let service: number | null = null
    try {
      await until(() => existsSync(announced), 'it has not started')
      const { pid } = JSON.parse(readFileSync(announced, 'utf8')) as { pid: number }
      service = pid
      assert.notEqual(pid, shell.pid)
      shell.kill('SIGTERM')
      await until(() => !isAlive(pid), 'it runs on')
      assert.ok(!existsSync(announced), 'it has not stopped in order')
    } finally {
      shell.kill('SIGKILL')
      if (service !== null && isAlive(service)) process.kill(service, 'SIGKILL')
    }
  })
})

async function until(isSo: () => boolean, otherwise: string): Promise<void> {
  const end = Date.now() + WITHIN_MS
  while (!isSo()) {
    assert.ok(Date.now() < end, `${otherwise} after ${WITHIN_MS} ms`)
    await wait(50)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
