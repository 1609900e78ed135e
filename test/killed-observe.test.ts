import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { drawIndices, gaussian, seededRandom } from '../src/vector/random.ts'
import { startCommand } from './support/command-line.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const SEED = 1836
/** 200 subjects seen 20 times each take minutes: OBSERVED_SUBJECTS=200 OBSERVED_SIGHTINGS=20. */
const SUBJECTS = Number(process.env.OBSERVED_SUBJECTS ?? 30)
const SIGHTINGS = Number(process.env.OBSERVED_SIGHTINGS ?? 8)
const DIMENSIONS = 16
const KILLS = 3
const PATH = '/v1/collections/people'

test('killed while 64 callers observe, it has each subject as one identity once all have tried again', async (t) => {
  const random = seededRandom(SEED)
  const data = join(temporaryFolder(t), 'data')
  const vector = (scale: number, about: number | readonly number[]) =>
    Array.from({ length: DIMENSIONS }, (_, i) => {
      return (typeof about === 'number' ? about : about[i]!) + scale * gaussian(random)
    })
  const subjects = Array.from({ length: SUBJECTS }, () => vector(3, 20))
  const all = SUBJECTS * SIGHTINGS
  const sightings = drawIndices(all, all, random).map((n) => ({
    vectors: [vector(0.1, subjects[n % SUBJECTS]!), vector(0.1, subjects[n % SUBJECTS]!)],
    metadata: { subject: n % SUBJECTS },
    idempotencyKey: `n${n}`,
    thresholds: { known: 3, unknown: 3 },
  }))
  let left = sightings
  for (let life = 0; life <= KILLS; life++) {
    const child = startCommand(['serve', '--port', '0', '--data', data])
    try {
      const url = await addressOf(data, child)
      const spec = { dimensions: DIMENSIONS, metric: 'euclidean', identityField: 'who' }
      await send(url + PATH, 'PUT', spec)
      const waiting = [...left]
      const failed: typeof sightings = []
      let answered = 0
      const killAt = life < KILLS ? Math.ceil(left.length / 3) : Number.POSITIVE_INFINITY
      const caller = async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          try {
            const status = await send(`${url}${PATH}/observe`, 'POST', next)
            assert.ok(status < 300, `${status}`)
            if (++answered === killAt) child.kill('SIGKILL')
          } catch {
            failed.push(next)
          }
        }
      }
      await Promise.all(Array.from({ length: 64 }, caller))
      left = failed
      if (life < KILLS) continue
      const response = await fetch(`${url}${PATH}/images?limit=10000`)
      const { records } = (await response.json()) as { records: { metadata: Stored }[] }
      check(records.map(({ metadata }) => metadata))
    } finally {
      child.kill('SIGKILL')
      await child.finished
    }
  }
  assert.equal(left.length, 0, `seed ${SEED}`)
})

interface Stored {
  readonly subject: number
  readonly who: string
}

function check(stored: readonly Stored[]): void {
  assert.equal(stored.length, SUBJECTS * SIGHTINGS * 2, `none lost and none double, seed ${SEED}`)
  assert.equal(new Set(stored.map(({ who }) => who)).size, SUBJECTS, `seed ${SEED}`)
  assert.equal(new Set(stored.map(({ who, subject }) => `${who} ${subject}`)).size, SUBJECTS)
}

async function send(url: string, method: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) })
  await response.arrayBuffer()
  return response.status
}

/** Waits for the address that this process wrote. */
async function addressOf(data: string, child: ReturnType<typeof startCommand>): Promise<string> {
  const ended = once(child, 'exit')
  for (let i = 0; i < 1200; i++) {
    try {
      const { url, pid } = JSON.parse(readFileSync(join(data, 'service.json'), 'utf8'))
      const ready = pid === child.pid && (await fetch(`${url}/v1/collections`)).ok
      if (ready) return url
    } catch {
      // Not there yet.
    }
    await Promise.race([wait(50), ended])
  }
  throw new Error('the service did not start')
}
