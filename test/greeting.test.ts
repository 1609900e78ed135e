import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inTemporaryFolder } from './support/in-temporary-folder.ts'
import { tinyModel, writeBundle } from './support/tiny-model.ts'

/** Of util-linux: runs a command at a terminal of its own. */
const SCRIPT = '/usr/bin/script'
const skip = existsSync(SCRIPT) ? false : `there is no ${SCRIPT}`

test('a service that is started at a terminal says where to go, in words', { skip }, async () => {
  await inTemporaryFolder(async (folder) => {
    const models = join(folder, 'models')
    await writeBundle(models, tinyModel())
    const data = join(folder, 'data')
    const serve = `'${process.execPath}' bin/lookalike.js serve --port 0 --data '${data}'`
    const child = spawn(SCRIPT, ['-qec', serve, '/dev/null'], {
      env: { ...process.env, LOOKALIKE_MODELS: models, LOOKALIKE_MODEL: 'tiny' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const text = await textUntil(child, /Ctrl-C stops it/)
      const { url } = JSON.parse(readFileSync(join(data, 'service.json'), 'utf8'))
      assert.ok(text.includes(`Lookalike is at ${url}: open it in a browser.`), text)
    } finally {
      const { pid } = JSON.parse(readFileSync(join(data, 'service.json'), 'utf8'))
      child.stdout.resume()
      process.kill(pid, 'SIGTERM')
      await once(child, 'close')
    }
  })
})

async function textUntil(child: ChildProcess, wanted: RegExp): Promise<string> {
  let text = ''
  for await (const part of child.stdout!.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += part
    if (wanted.test(text)) break
  }
  return text
}
