import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { seededRandom } from '../src/vector/random.ts'
import { colour, pngOf, vectorOfColour, writeColourModels } from './support/colour-models.ts'
import { startCommand } from './support/command-line.ts'
import { inTemporaryFolder } from './support/in-temporary-folder.ts'

const RECORDS = 240
const KILLS = 4
const PATH = '/v1/collections/c'

interface Process {
  readonly url: string
  kill(): Promise<void>
}

async function serve(folder: string): Promise<Process> {
  const data = join(folder, 'data')
  const child = startCommand(['serve', '--port', '0', '--data', data], {
    LOOKALIKE_MODELS: join(folder, 'models'),
    LOOKALIKE_MODEL: 'roots',
  })
  let log = ''
  const listening = new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (text: string) => {
      log += text
      if (log.includes('"msg":"listening"')) resolve()
    })
    void child.finished.then(() => reject(new Error(`the service ended: ${log}`)))
  })
  await listening
  const { url } = JSON.parse(readFileSync(join(data, 'service.json'), 'utf8')) as { url: string }
  while ((await fetch(`${url}/v1/jobs`)).status === 503) await wait(5)
  while ((await fetch(`${url}${PATH}`)).status === 503) await wait(5)
  return {
    url,
    async kill() {
      child.kill('SIGKILL')
      await child.finished
    },
  }
}

async function send(url: string, method: string, body: unknown) {
  const isBytes = body instanceof Uint8Array
  const response = await fetch(url, {
    method,
    headers: { 'content-type': isBytes ? 'image/png' : 'application/json' },
    body: isBytes ? new Uint8Array(body) : JSON.stringify(body),
  })
  const answer = (await response.json()) as Record<string, unknown>
  assert.ok(response.ok, JSON.stringify(answer))
  return answer
}

async function get<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T
}

interface Job {
  readonly state: string
  readonly progress: { readonly done: number }
  readonly error: unknown
}

test('a re-embedding that is killed at random moments goes on each time, and ends right', async () => {
  const seed = 3
  const random = seededRandom(seed)
  await inTemporaryFolder(async (folder) => {
    await writeColourModels(join(folder, 'models'))
    let process = await serve(folder)
    try {
      await send(process.url + PATH, 'PUT', { keep: 'original' })
      const numbers = Array.from({ length: RECORDS }, (_, n) => n)
      for (let n = 0; n < RECORDS; n += 16) {
        await Promise.all(
          numbers.slice(n, n + 16).map(async (i) => {
            await send(`${process.url}${PATH}/images/${i}`, 'PUT', await pngOf(colour(i)))
          }),
        )
      }
      const { id } = await send(`${process.url}${PATH}/reembed`, 'POST', { model: 'both' })
      const job = () => get<Job>(`${process.url}/v1/jobs/${id}`)
      for (let kill = 0; kill < KILLS; kill++) {
        // Each time a bit further on, so that the last kills may meet the switch.
        const atLeast = ((kill + random()) / KILLS) * RECORDS
        for (let now = await job(); now.progress.done < atLeast; now = await job()) {
          if (now.state === 'succeeded') break
        }
        await process.kill()
        process = await serve(folder)
      }
      let last = await job()
      while (last.state === 'queued' || last.state === 'running') last = await job()
      assert.deepEqual([last.state, last.error], ['succeeded', null], `seed ${seed}`)
      const { model, count } = await get<{ model: string; count: number }>(process.url + PATH)
      assert.deepEqual([model, count], ['both', RECORDS], `seed ${seed}`)
      const { records } = await get<{ records: { id: string; vector: number[] }[] }>(
        `${process.url}${PATH}/images?limit=1000&include=vector`,
      )
      assert.equal(records.length, RECORDS)
      for (const record of records) {
        const wanted = vectorOfColour('both', colour(Number(record.id)))
        const off = record.vector.map((value, i) => Math.abs(value - wanted[i]!))
        assert.ok(Math.max(...off) < 1e-5, `seed ${seed}: ${record.id} is ${record.vector}`)
      }
    } finally {
      await process.kill()
    }
  })
})
