// Measures exact searches of a service by one caller, alone and while it trains on the vectors of the same collection.
// usage: node dist/bench/search-beside-training.js [--images 10000] [--classes 500]
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { rowOf } from '../src/vector/row-matrix.ts'
import { HttpLoad } from './support/http-load.ts'
import { madeFeatures } from './support/made-features.ts'
import { circumstances, quantile, writeReport } from './support/report.ts'
import { RunningService } from './support/running-service.ts'

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '10000' },
    classes: { type: 'string', default: '500' },
  },
})
const [count, classes, dimensions] = [Number(values.images), Number(values.classes), 1280]
const PATH = '/v1/collections/beside'
const ROWS_A_CALL = 500
const ALONE_MS = 20_000
/** The state of the training is looked at after this long. */
const POLL_MS = 1000
/** The caller rests this long after each answer, as one who looks at it. */
const PAUSE_MS = 10
const [BACKBONE, MODEL] = ['efficientnet-lite0', 'beside-1']

const rows = madeFeatures(count, classes, dimensions)
const root = mkdtempSync(join(tmpdir(), 'lookalike-bench-'))
const models = join(root, 'models')
mkdirSync(models)
symlinkSync(resolve('models', BACKBONE), join(models, BACKBONE))
const service = await RunningService.start(join(root, 'data'), [
  '--models',
  models,
  '--model',
  BACKBONE,
])
const client = new HttpLoad(service.url)
try {
  await service.json('PUT', PATH, { fields: ['label'] })
  for (let first = 0; first < count; first += ROWS_A_CALL) {
    const points = Array.from({ length: Math.min(ROWS_A_CALL, count - first) }, (_, i) => ({
      id: `row ${first + i}`,
      vector: Array.from(rowOf(rows, first + i)),
      metadata: { label: `class ${(first + i) % classes}` },
    }))
    await service.json('POST', `${PATH}/vectors`, { points })
  }
  await searchesFor(ALONE_MS / 4)
  const alone = await searchesFor(ALONE_MS)
  const { id } = await service.json<{ id: string }>('POST', '/v1/trainings', {
    name: MODEL,
    collection: 'beside',
    field: 'label',
    objective: 'multi-similarity',
  })
  const beside: number[] = []
  let state = 'queued'
  for (; state === 'queued' || state === 'running'; state = await stateOf(id))
    beside.push(...(await searchesFor(POLL_MS)))
  writeReport(
    'search-beside-training',
    circumstances(
      `made up: ${count} x ${dimensions}, ${classes} classes`,
      `exact 10-NN by vector, one caller, ${PAUSE_MS} ms after each answer; the default recipe, which ended as ${state}`,
    ),
    [
      {
        title: 'Searches over HTTP',
        columns: ['when', 'searches', 'p50 ms', 'p99 ms', 'longest ms'],
        rows: [
          ['alone', ...rowFor(alone)],
          ['beside a training', ...rowFor(beside)],
        ],
      },
    ],
  )
} finally {
  client.close()
  await service.close()
  rmSync(root, { recursive: true })
}

/** Searches for `ms` milliseconds. Returns the milliseconds of each search. */
async function searchesFor(ms: number): Promise<number[]> {
  const all: number[] = []
  for (const end = performance.now() + ms; performance.now() < end; ) {
    const vector = Array.from(rowOf(rows, (all.length * 7) % count))
    const body = Buffer.from(JSON.stringify({ query: { vector }, k: 10, accuracy: 'exact' }))
    const before = performance.now()
    const { status } = await client.send('POST', `${PATH}/search`, 'application/json', body)
    if (status !== 200) throw new Error(`a search was answered with ${status}`)
    all.push(performance.now() - before)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return all
}

async function stateOf(id: string): Promise<string> {
  return (await service.json<{ state: string }>('GET', `/v1/jobs/${id}`)).state
}

function rowFor(ms: readonly number[]): (string | number)[] {
  return [ms.length, quantile(ms, 0.5), quantile(ms, 0.99), Math.max(...ms)]
}
