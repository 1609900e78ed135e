import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { startCommand } from './support/command-line.ts'
import { inTemporaryFolder } from './support/in-temporary-folder.ts'
import { head, RawClient } from './support/raw-http.ts'
import { tinyModel, writeBundle } from './support/tiny-model.ts'

const RECORDS = 20_000
const CALLERS = 100
/** What Docker is asked to wait, see docker/compose.yaml. */
const STOPPED_WITHIN_MS = 30_000

/** As costly as a filter may be, and met by no record: far more than a hundred seconds for all callers. */
const COSTLY = JSON.stringify({
  query: { vector: [1] },
  filter: { $or: Array.from({ length: 1024 }, (_, i) => ({ tags: { $gt: `z${i}` } })) },
})

test('SIGTERM ends the service in time while a hundred callers, most of them gone, have it filter', async () => {
  await inTemporaryFolder(async (folder) => {
    const models = join(folder, 'models')
    await writeBundle(models, tinyModel())
    const data = join(folder, 'data')
    const child = startCommand(['serve', '--port', '0', '--data', data], {
      LOOKALIKE_MODELS: models,
      LOOKALIKE_MODEL: 'tiny',
    })
    try {
      const url = await addressOf(data, child)
      await send(url, 'PUT', '', { dimensions: 1, metric: 'euclidean' })
      const tags = Array.from({ length: 8 }, (_, i) => `tag ${i}`)
      for (let first = 0; first < RECORDS; first += 10_000) {
        const points = Array.from({ length: 10_000 }, (_, i) => {
          return { id: `r${first + i}`, vector: [first + i + 1], metadata: { tags } }
        })
        await send(url, 'POST', '/vectors', { points })
      }
      const callers = Array.from(
        { length: CALLERS },
        () => new RawClient(Number(new URL(url).port)),
      )
      const headers = { 'content-type': 'application/json', 'content-length': COSTLY.length }
      for (const caller of callers) {
        caller.send(head('POST', '/v1/collections/c/search', headers)).send(COSTLY)
      }
      // All have been read when one that came after them is answered, which waits for none of them.
      const short = await send(url, 'POST', '/search', { query: { vector: [7] }, filter: { n: 1 } })
      assert.deepEqual(short, { matches: [] })
      for (const caller of callers.slice(10)) caller.socket.destroy()
      child.kill('SIGTERM')
      const stopped = await Promise.race([child.finished, wait(STOPPED_WITHIN_MS, null)])
      assert.ok(stopped !== null, `it runs on after ${STOPPED_WITHIN_MS} ms`)
      assert.equal(stopped.status, 0, stopped.stderr)
      assert.match(stopped.stdout, /"msg":"stopped"/)
      for (const caller of callers) caller.socket.destroy()
    } finally {
      child.kill('SIGKILL')
      await child.finished
    }
  })
})

async function send(url: string, method: string, path: string, body: unknown) {
  const response = await fetch(`${url}/v1/collections/c${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.ok(response.ok, `${response.status} ${path}`)
  const { matches } = (await response.json()) as { matches?: unknown }
  return { matches }
}

async function addressOf(data: string, child: ReturnType<typeof startCommand>): Promise<string> {
  let log = ''
  while (!log.includes('"msg":"ready"')) {
    assert.equal(child.exitCode, null, `the service ended: ${log}`)
    const [text] = (await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])) as [
      string,
    ]
    log += text
  }
  return (JSON.parse(readFileSync(join(data, 'service.json'), 'utf8')) as { url: string }).url
}
