// Attacks a service, with eight connections at a time from one address, and measures how long small requests of another
// take meanwhile, and the most memory that the service takes. Each attack comes after a quiet turn, so that the state of
// the machine is the same for both. It exits with 1 where a goal is missed.
// usage: node dist/bench/hostile.js [--seconds 20] [--only TEXT]

import { setMaxListeners } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { head, RawClient } from '../test/support/raw-http.ts'
import { costlyImages } from './support/costly-images.ts'
import { HttpLoad } from './support/http-load.ts'
import { photographs } from './support/photographs.ts'
import { circumstances, quantile, writeReport } from './support/report.ts'
import { RunningService } from './support/running-service.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    /** Only the attacks whose name has this. */
    only: { type: 'string', default: '' },
  },
})
const attackMs = Number(values.seconds) * 1000
if (!(attackMs > 0)) throw new RangeError(`expected --seconds above 0, got ${values.seconds}`)

const CONNECTIONS = 8
/** All of 127.0.0.0/8 is this machine: here it is another caller. */
const ATTACKER = '127.0.0.66'
const QUIET_MS = 5000
const RECORDS = 40_000
const DIMENSIONS = 64
const MOST_MS = 1000
/** What the docs state: 256 MiB of bodies, and 1.2 GiB for the largest AVIF, beside what the service takes when quiet. */
const MOST_BYTES = (256 + 1229) * 2 ** 20
const BODY_BYTES = 32 * 2 ** 20
const POINTS = '/v1/collections/points'
const SEARCH = `${POINTS}/search`
const JSON_TYPE = { 'content-type': 'application/json' }

/** What each of the connections does, again and again, while `signal` is not aborted; it gives what came back. */
type Attack = (client: RawClient, signal: AbortSignal) => Promise<string>

// The Docker images set it too. Without it glibc keeps the memory that decoding needed.
process.env.MALLOC_TRIM_THRESHOLD_ ??= '131072'
const images = await costlyImages()
const [photograph] = await photographs(undefined, 1)
const service = await RunningService.start()
const mine = new HttpLoad(service.url)
const port = Number(new URL(service.url).port)

const vectorOf = (i: number) =>
  Array.from({ length: DIMENSIONS }, (_, d) => Math.sin((i + 1) * (d + 1)))
const bytesOf = (body: unknown) => Buffer.from(JSON.stringify(body))
const smallSearch = bytesOf({ query: { vector: vectorOf(3) }, k: 5 })

/** Sends a head and the beginning of a body, and leaves it at that for as long as the service allows. */
const stalls =
  (path: string, headers: Record<string, string | number>, begin: string | Uint8Array): Attack =>
  async (client, signal) => {
    client.send(head('POST', path, headers)).send(begin)
    return endedOr(client, signal)
  }

/** Sends a whole request, and waits for the answer, or hangs up after a while. */
const asks =
  (method: string, path: string, type: string, body: Uint8Array, hangUpMs?: number): Attack =>
  async (client, signal) => {
    client.send(head(method, path, { 'content-type': type, 'content-length': body.byteLength }))
    client.send(body)
    if (hangUpMs === undefined) return endedOr(client, signal)
    await wait(hangUpMs)
    return 'hung up'
  }

/** A byte in each chunk, ten chunks a second. */
const trickles: Attack = async (client, signal) => {
  client.send(head('POST', SEARCH, { ...JSON_TYPE, 'transfer-encoding': 'chunked' }))
  while (!signal.aborted && !client.socket.closed) {
    client.send('1\r\n{\r\n')
    await wait(100)
  }
  return endedOr(client, signal)
}

const announced = { ...JSON_TYPE, 'content-length': BODY_BYTES }
const emptyGroups = { query: { vector: vectorOf(3) }, filter: { $and: Array(60_000).fill({}) } }
const largeFilter = {
  query: { vector: vectorOf(3) },
  k: 1000,
  accuracy: 'exact',
  filter: { $or: Array.from({ length: 1000 }, (_, i) => ({ text: `no ${i}` })) },
}
const byFilter = bytesOf(largeFilter)
const json = 'application/json'
const attacks: readonly (readonly [name: string, attack: Attack])[] = [
  ['32 MiB announced to an unknown call, 1 byte sent', stalls('/nope', announced, '{')],
  ['32 MiB announced to a search, 1 byte sent', stalls(SEARCH, announced, '{')],
  [
    '32 MiB announced to vectors, all but 1 byte sent',
    stalls(`${POINTS}/vectors`, announced, Buffer.alloc(BODY_BYTES - 1, ' ')),
  ],
  ['a chunked body, a byte in each chunk', trickles],
  ['a filter of 60,000 empty groups', asks('POST', SEARCH, json, bytesOf(emptyGroups))],
  ['a filter of 1,000 conditions', asks('POST', SEARCH, json, byFilter)],
  ['the same, hanging up after 50 ms', asks('POST', SEARCH, json, byFilter, 50)],
  [
    'duplicates, hanging up after 50 ms',
    asks('POST', `${POINTS}/duplicates`, json, bytesOf({ by: 'embedding', radius: 0.5 }), 50),
  ],
  ...[...images].flatMap(([name, bytes]) => {
    const type = name.startsWith('AVIF')
      ? 'image/avif'
      : `image/${name.includes('PNG') ? 'png' : 'jpeg'}`
    const path = '/v1/collections/pictures/images/x'
    return [[`${name}, ${bytes.byteLength} bytes, added`, asks('PUT', path, type, bytes)]] as const
  }),
  [
    'the AVIF, searched with',
    asks(
      'POST',
      '/v1/collections/pictures/search',
      json,
      imageSearch(images.get('AVIF of 8,000 x 8,000')!),
    ),
  ],
]

const rows: (string | number)[][] = []
let isMissed = false
try {
  await service.json('PUT', POINTS, { dimensions: DIMENSIONS, metric: 'euclidean' })
  for (let first = 0; first < RECORDS; first += 2000) {
    const points = Array.from({ length: 2000 }, (_, i) => ({
      id: `p${first + i}`,
      vector: vectorOf(first + i),
      metadata: { text: `text ${(first + i) % 100}`, number: first + i },
    }))
    await service.json('POST', `${POINTS}/vectors`, { points })
  }
  await service.json('PUT', '/v1/collections/pictures', {})
  await smallRequests(QUIET_MS)
  const atFirstBytes = service.memoryBytes()
  for (const [name, attack] of attacks.filter(([name]) => name.includes(values.only))) {
    const quiet = await smallRequests(QUIET_MS)
    const quietBytes = service.memoryBytes()
    forgetPeak()
    const controller = new AbortController()
    setMaxListeners(0, controller.signal)
    const answers = new Map<string, number>()
    const attackers = Array.from({ length: CONNECTIONS }, () =>
      keepAttacking(attack, controller.signal, answers),
    )
    const attacked = await smallRequests(attackMs)
    controller.abort()
    await Promise.all(attackers)
    const mostBytes = peakBytes()
    const isMet = Math.max(...attacked) <= MOST_MS && mostBytes - atFirstBytes <= MOST_BYTES
    isMissed ||= !isMet
    rows.push([
      name,
      [...answers].map(([answer, count]) => `${answer}: ${count}`).join(', '),
      ...[quantile(quiet, 0.5), Math.max(...quiet), quantile(attacked, 0.5), Math.max(...attacked)],
      ...[quietBytes / 1e6, mostBytes / 1e6, isMet ? 'yes' : 'no'],
    ])
    process.stderr.write(`${rows.at(-1)!.join(' | ')}\n`)
  }
} finally {
  mine.close()
  await service.close()
}
writeReport(
  'hostile',
  circumstances(
    `${RECORDS} x ${DIMENSIONS} made vectors, and one drawn photograph of 640 x 480`,
    `${CONNECTIONS} connections of one address for ${attackMs / 1000} s each, after ${QUIET_MS / 1000} s of quiet; small requests of another address, one after the other: a search by vector, one record, a vector added, a search by image; wanted: each within ${MOST_MS} ms, and at most ${Math.round(MOST_BYTES / 1e6)} MB more than when quiet; MALLOC_TRIM_THRESHOLD_ as in the Docker images`,
  ),
  [
    {
      title: 'Attacks',
      columns: [
        ...['attack', 'answers', 'quiet p50 ms', 'quiet longest ms', 'p50 ms', 'longest ms'],
        ...['memory before MB', 'peak MB', 'met'],
      ],
      rows,
    },
  ],
)
process.exitCode = isMissed ? 1 : 0

/** Sends the small requests in turns until the time is over, and gives the milliseconds that each took. */
async function smallRequests(forMs: number): Promise<number[]> {
  const image = imageSearch(photograph!)
  const requests = [
    ['POST', SEARCH, smallSearch],
    ['GET', `${POINTS}/images/p7`, Buffer.alloc(0)],
    ['POST', `${POINTS}/vectors`, bytesOf({ points: [{ id: 'mine', vector: vectorOf(1) }] })],
    ['POST', '/v1/collections/pictures/search', image],
  ] as const
  const took: number[] = []
  for (const end = performance.now() + forMs; performance.now() < end; ) {
    for (const [method, path, body] of requests) {
      const started = performance.now()
      const { status, body: text } = await mine.send(method, path, json, body)
      took.push(performance.now() - started)
      if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`)
      await wait(20)
    }
  }
  return took
}

function imageSearch(image: Uint8Array): Uint8Array {
  return bytesOf({ query: { image: { data: Buffer.from(image).toString('base64') } }, k: 5 })
}

async function keepAttacking(
  attack: Attack,
  signal: AbortSignal,
  answers: Map<string, number>,
): Promise<void> {
  while (!signal.aborted) {
    const client = new RawClient(port, ATTACKER)
    const received = await attack(client, signal)
    client.socket.destroy()
    const answer = /^HTTP\/1.1 (\d+)/.exec(received)?.[1] ?? (received || 'no answer')
    answers.set(answer, (answers.get(answer) ?? 0) + 1)
    await wait(5)
  }
}

async function endedOr(client: RawClient, signal: AbortSignal): Promise<string> {
  const aborted = new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve('cut at the end'), { once: true })
  })
  const cut = (error: NodeJS.ErrnoException) => error.code ?? error.message
  return Promise.race([client.ended().catch(cut), aborted])
}

/** Has the kernel measure the peak of the service's memory anew. */
function forgetPeak(): void {
  writeFileSync(`/proc/${service.pid}/clear_refs`, '5')
}

function peakBytes(): number {
  const status = readFileSync(`/proc/${service.pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}
