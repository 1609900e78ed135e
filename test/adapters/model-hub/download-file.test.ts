import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { downloadFile } from '../../../src/adapters/model-hub/download-file.ts'
import { failsWith } from '../../support/errors.ts'
import { startHub } from '../../support/hub.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const content = Buffer.from('the weights of a model')

async function makeDownload(t: TestContext) {
  const hub = await startHub(t, { 'a.onnx': { bytes: content, lfs: true } })
  const target = join(temporaryFolder(t), 'a.onnx')
  const seen: [path: string, bytes: number, total: number | null][] = []
  const run = (
    path = 'a.onnx',
    { signal = new AbortController().signal, idleTimeoutMs = 60_000 } = {},
  ) => {
    const repository = { endpoint: hub.url, owner: 'owner', name: 'name', token: null }
    return downloadFile({ repository, revision: 'main', path }, target, {
      maxBytes: 100,
      idleTimeoutMs,
      signal,
      onProgress: (...progress) => seen.push(progress),
    })
  }
  return { hub, target, seen, run }
}

test('what is written is the file, its size and its SHA-256', async (t) => {
  const { target, seen, run } = await makeDownload(t)
  assert.deepEqual(await run(), {
    bytes: 22,
    sha256: '5e2202d66fe5e1be93a8f3fe8598de64470b9855164b1d2d57d1fef9aeeda52c',
  })
  assert.deepEqual(readFileSync(target), content)
  assert.deepEqual(seen.at(-1), ['a.onnx', 22, 22])
})

test('a file that is not there is null', async (t) => {
  const { run } = await makeDownload(t)
  assert.equal(await run('b.onnx'), null)
})

test('a hub that says nothing is given up', async (t) => {
  const { hub, run } = await makeDownload(t)
  hub.answer = () => true
  const given = run('a.onnx', { idleTimeoutMs: 100 })
  await assert.rejects(given, failsWith('DOWNLOAD_FAILED', 'no byte in 100 ms'))
})

test('who gives up says why, and may call again', async (t) => {
  const { hub, target, run } = await makeDownload(t)
  hub.answer = (_request, response) => {
    response.writeHead(200, { 'content-length': '50', etag: '"one"' }).write('the weights')
    return true
  }
  const controller = new AbortController()
  const running = run('a.onnx', { signal: controller.signal })
  controller.abort(new Error('the user went home'))
  await assert.rejects(running, failsWith('DOWNLOAD_FAILED', 'the user went home'))
  hub.answer = null
  assert.equal((await run())?.bytes, 22)
  assert.deepEqual(readFileSync(target), content)
})
