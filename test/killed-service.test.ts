import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Random, seededRandom } from '../src/vector/random.ts'
import { startCommand } from './support/command-line.ts'
import { inTemporaryFolder } from './support/in-temporary-folder.ts'
import { tinyModel, writeBundle } from './support/tiny-model.ts'

/** KILLS=50 takes a minute or two: it passed on 2026-12-01 (2 x AMD EPYC, `KILLS=50 node --test dist/test/killed-service.test.js`). */
const ROUNDS = Number(process.env.KILLS ?? 20)
const WRITERS = 4
const PATH = '/v1/collections/people'

/** What the service said of an id, last: a vector, nothing there, or that a write was under way. */
type Said =
  | { kind: 'stored'; value: number }
  | { kind: 'absent' }
  | { kind: 'open'; values: (number | null)[] }

test(`killed at random moments under writes, ${ROUNDS} times, it has every acknowledged write and no refused one`, async () => {
  const seed = 20
  const random = seededRandom(seed)
  await inTemporaryFolder(async (folder) => {
    const models = join(folder, 'models')
    await writeBundle(models, tinyModel())
    const data = join(folder, 'data')
    const said = new Map<string, Said>()
    for (let round = 0; round < ROUNDS; round++) {
      const child = startCommand(['serve', '--port', '0', '--data', data], {
        LOOKALIKE_MODELS: models,
        LOOKALIKE_MODEL: 'tiny',
      })
      try {
        const url = await addressOf(data, child)
        await fetch(url + PATH, json('PUT', { dimensions: 2, metric: 'euclidean' }))
        await check(url, said, `seed ${seed}, round ${round}`)
        const stop = new AbortController()
        const writers = Array.from({ length: WRITERS }, (_, i) =>
          writeUntilKilled(url, said, `w${i}`, random, stop.signal),
        )
        await wait(random() * 120)
        child.kill('SIGKILL')
        stop.abort()
        await Promise.all(writers)
      } catch (error) {
        child.kill('SIGKILL')
        const { stdout } = await child.finished
        throw new Error(`seed ${seed}, round ${round}, its log:\n${stdout}`, { cause: error })
      } finally {
        child.kill('SIGKILL')
        await child.finished
      }
    }
    const stored = [...said.values()].filter(({ kind }) => kind === 'stored').length
    assert.ok(stored > ROUNDS, `seed ${seed}: only ${stored} writes were acknowledged`)
  })
})

async function writeUntilKilled(
  url: string,
  said: Map<string, Said>,
  writer: string,
  random: Random,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    const id = `${writer}/${Math.floor(random() * 40)}`
    const before = said.get(id) ?? { kind: 'absent' }
    const old =
      before.kind === 'open' ? before.values : [before.kind === 'stored' ? before.value : null]
    const value = 1 + Math.floor(random() * 1e6)
    const action = random()
    try {
      if (action < 0.15) {
        said.set(id, { kind: 'open', values: [...old, null] })
        const response = await fetch(url + record(id), { method: 'DELETE' })
        await response.arrayBuffer()
        assert.ok([204, 404].includes(response.status), String(response.status))
        said.set(id, { kind: 'absent' })
      } else if (action < 0.3) {
        const response = await fetch(
          `${url}${PATH}/vectors`,
          json('POST', { points: [{ id, vector: [value, 0, 0] }] }),
        )
        await response.arrayBuffer()
        assert.equal(response.status, 400)
      } else {
        said.set(id, { kind: 'open', values: [...old, value] })
        const response = await fetch(
          `${url}${PATH}/vectors`,
          json('POST', { points: [{ id, vector: [value, 1] }] }),
        )
        await response.arrayBuffer()
        assert.equal(response.status, 200)
        said.set(id, { kind: 'stored', value })
      }
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
      return
    }
  }
}

/** Every record is as it was said to be, in the truth and in the answers of a search. */
async function check(url: string, said: Map<string, Said>, when: string): Promise<void> {
  const page = (await (await fetch(`${url}${PATH}/images?limit=1000&include=vector`)).json()) as {
    records: { id: string; vector: number[] }[]
  }
  const there = new Map(page.records.map(({ id, vector }) => [id, vector[0]!]))
  for (const [id, last] of said) {
    const value = there.get(id) ?? null
    const wanted = last.kind === 'open' ? last.values : [last.kind === 'stored' ? last.value : null]
    assert.ok(wanted.includes(value), `${when}: ${id} is ${value}, said ${JSON.stringify(last)}`)
    said.set(id, value === null ? { kind: 'absent' } : { kind: 'stored', value })
  }
  assert.equal([...there.keys()].filter((id) => !said.has(id)).length, 0, `${when}: unknown ids`)
  const search = await fetch(
    `${url}${PATH}/search`,
    json('POST', { query: { vector: [1, 1] }, radius: 1e9 }),
  )
  assert.equal(search.status, 200, `${when}: ${await search.clone().text()}`)
  const { matches } = (await search.json()) as { matches: { id: string }[] }
  const found = new Set(matches.map(({ id }) => id))
  assert.deepEqual(found, new Set(there.keys()), when)
}

function record(id: string): string {
  return `${PATH}/images/${encodeURIComponent(id)}`
}

function json(method: string, body: unknown): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

async function addressOf(data: string, child: ReturnType<typeof startCommand>): Promise<string> {
  let log = ''
  for await (const [text] of on(child)) {
    log += text
    if (log.includes('"msg":"listening"')) break
  }
  assert.ok(log.includes('"msg":"listening"'), `the service ended: ${log}`)
  const { url } = JSON.parse(readFileSync(join(data, 'service.json'), 'utf8')) as { url: string }
  while ((await fetch(`${url}/v1/collections`)).status === 503) await wait(5)
  return url
}

async function* on(child: ReturnType<typeof startCommand>): AsyncGenerator<[string]> {
  while (child.exitCode === null) {
    yield (await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])) as [string]
  }
}
