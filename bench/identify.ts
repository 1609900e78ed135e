// Compares identify over HTTP, by each distance, with a plain exact search of the same records in the same run, in turns.
// usage: node dist/bench/identify.js [IDENTITIES] [RECORDS OF EACH] [QUERIES]
import { gaussian, seededRandom } from '../src/vector/random.ts'
import { circumstances, quantile, type Table, writeReport } from './support/report.ts'
import { RunningService } from './support/running-service.ts'

const identities = Number(process.argv[2] ?? 10_000)
const views = Number(process.argv[3] ?? 20)
const queries = Number(process.argv[4] ?? 60)
const DIMENSIONS = 512
/** The length of the noise of a view, about a centre of length 1. */
const NOISE = 0.6
const IDENTITIES_AT_ONCE = 25

const random = seededRandom(1)
const normal = () =>
  Float32Array.from({ length: DIMENSIONS }, () => gaussian(random) / Math.sqrt(DIMENSIONS))
const near = (centre: Float32Array) => {
  const noise = normal()
  return centre.map((value, i) => value + NOISE * noise[i]!)
}
const base64 = (vector: Float32Array) => Buffer.from(vector.buffer).toString('base64')

const service = await RunningService.start()
const path = `${service.url}/v1/collections/people`

async function send(method: string, url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${text}`)
}

try {
  await send('PUT', path, { dimensions: DIMENSIONS, metric: 'cosine', identityField: 'who' })
  const centres = Array.from({ length: identities }, normal)
  for (let from = 0; from < identities; from += IDENTITIES_AT_ONCE) {
    const points = centres.slice(from, from + IDENTITIES_AT_ONCE).flatMap((centre, i) =>
      Array.from({ length: views }, (_, n) => ({
        id: `p${from + i}/${n}`,
        vector: base64(near(centre)),
        metadata: { who: `p${from + i}` },
      })),
    )
    await send('POST', `${path}/vectors`, { points })
  }
  const subjects = {
    'of known subjects': () => near(centres[Math.floor(random() * identities)]!),
    'of unknown subjects': () => near(normal()),
  }
  const tables: Table[] = []
  for (const [whose, next] of Object.entries(subjects)) tables.push(await measure(whose, next))
  const data = `made with seed 1: ${identities} identities of ${views} records, ${NOISE} from a centre of length 1, ${DIMENSIONS} numbers, cosine`
  const about = circumstances(
    data,
    `${queries} queries of one vector each, in turns, k 5, one caller`,
  )
  writeReport(`identify-${identities}x${views}`, about, tables)
} finally {
  await service.close()
}

/** Milliseconds of a request, as its caller sees them; the first round warms up. */
async function measure(whose: string, next: () => Float32Array): Promise<Table> {
  const distances = ['nearest', 'template', 'mean-nearest', 'votes', 'hausdorff']
  const ways: readonly [string, string, object][] = [
    ['exact search', 'search', { accuracy: 'exact' }],
    ...distances.map((distance): [string, string, object] => {
      return [`identify, ${distance}`, 'identify', { distance }]
    }),
  ]
  const times = new Map<string, number[]>()
  for (let round = -1; round < queries; round++) {
    const query = { vector: base64(next()) }
    for (const [name, call, more] of ways) {
      const started = performance.now()
      await send('POST', `${path}/${call}`, { query, k: 5, ...more })
      if (round >= 0) times.set(name, [...(times.get(name) ?? []), performance.now() - started])
    }
  }
  const plain = times.get('exact search')!
  return {
    title: `${queries} queries ${whose}`,
    columns: ['', 'p50, ms', 'p99, ms', 'p50 / exact search', 'p99 / exact search'],
    rows: Array.from(times, ([name, all]) => {
      const [p50, p99] = [quantile(all, 0.5), quantile(all, 0.99)]
      return [name, p50, p99, p50 / quantile(plain, 0.5), p99 / quantile(plain, 0.99)]
    }),
  }
}
