import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommand, startCommand } from '../../support/command-line.ts'
import { makePictureFolder } from '../../support/pictures.ts'
import { startProxy } from '../../support/proxy.ts'
import { serveDataFolder } from '../../support/served.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

test('Ctrl-C ends index after the image on its way, and the next run resumes there', async (t) => {
  const root = temporaryFolder(t)
  const folder = join(root, 'pictures')
  mkdirSync(folder)
  makePictureFolder(folder)
  const { url } = await serveDataFolder(t, join(root, 'data'))
  let images = 0
  const proxy = await startProxy(t, url, async (call) => {
    if (call.method !== 'PUT' || call.url?.includes('/images/') !== true) return false
    images++
    if (images !== 2) return false
    child.kill('SIGINT')
    // The answer waits until the command has seen the signal, so that no third image can start.
    await new Promise<void>((resolve) => {
      child.stderr?.on('data', (text: string) => text.includes('stopping') && resolve())
    })
    return false
  })
  const args = ['index', folder, '--collection', 'c', '--json', '--concurrency', '1']
  const child = startCommand([...args, '--url', proxy])
  const { status, stdout } = await child.finished
  assert.equal(status, 1)
  const { added, skipped, refused } = JSON.parse(stdout)
  assert.deepEqual([added, skipped, refused], [2, 0, []])
  assert.equal(images, 2)

  const again = await runCommand([...args, '--url', url])
  assert.equal(again.status, 3, again.stderr)
  const report = JSON.parse(again.stdout)
  assert.deepEqual([report.added, report.skipped, report.refused.length], [2, 2, 1])
})

test('a service that is busy is called again after the time it names', async (t) => {
  const root = temporaryFolder(t)
  const folder = join(root, 'pictures')
  mkdirSync(folder)
  makePictureFolder(folder)
  const { url } = await serveDataFolder(t, join(root, 'data'))
  let busy = 0
  const proxy = await startProxy(t, url, async (call, response) => {
    if (call.method !== 'PUT' || busy === 3) return false
    busy++
    call.resume()
    response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '0' })
    response.end(JSON.stringify({ code: 'QUEUE_FULL', detail: 'busy' }))
    return true
  })
  const args = ['index', folder, '--collection', 'c', '--json', '--concurrency', '2']
  const { stdout, stderr } = await runCommand([...args, '--url', proxy])
  assert.equal(busy, 3)
  assert.equal(JSON.parse(stdout).added, 4, stderr)
})
