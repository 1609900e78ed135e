// Compares exact 10-NN over HTTP with the time that the kernel itself needs for the same rows, in one run. It also
// measures how long ingest, search and filter hold the event loop.
// usage: node dist/bench/scan.js [ROWS [DIMENSIONS]]
import { readFileSync } from 'node:fs'
import { RowSearch } from '../src/index/scan/row-search.ts'
import { BlockMemory } from '../src/kernels/block-memory.ts'
import { VectorRows } from '../src/kernels/vector-rows.ts'
import { gaussian, seededRandom } from '../src/vector/random.ts'
import { toStoredVector } from '../src/vector/stored-vector.ts'
import { load } from './support/load.ts'
import { circumstances, quantile, writeReport } from './support/report.ts'
import { RunningService } from './support/running-service.ts'

const rowCount = Number(process.argv[2] ?? 100_000)
const dimensions = Number(process.argv[3] ?? 512)
const queryCount = 200
const path = '/v1/collections/bench'
const random = seededRandom(1)

/** The vectors lie in 1000 gaussian clusters. */
const centres = Array.from({ length: 1000 }, () => normal(1))
function normal(scale: number): Float64Array {
  return Float64Array.from({ length: dimensions }, () => gaussian(random) * scale)
}
function vector(): Float32Array {
  const centre = centres[Math.floor(random() * centres.length)]!
  const noise = normal(0.3)
  return toStoredVector(
    noise.map((value, i) => value + centre[i]!),
    dimensions,
    'cosine',
  )
}

const memory = new BlockMemory()
const rows = new VectorRows(memory, dimensions)
const kernels = new URL('../src/kernels/kernels.wasm', import.meta.url)
const scan = new RowSearch(new WebAssembly.Module(readFileSync(kernels)), 0)
memory.onSegment((segment) => scan.addSegment(segment))

const service = await RunningService.start()
try {
  await service.json('PUT', path, { dimensions, metric: 'cosine' })
  await service.eventLoopLagMs()
  const started = performance.now()
  for (let i = 0; i < rowCount; i += 1000) {
    const points = Array.from({ length: Math.min(1000, rowCount - i) }, (_, j) => {
      const made = vector()
      rows.append(made)
      return { id: `v${i + j}`, vector: [...made], metadata: { group: (i + j) % 100 } }
    })
    await service.json('POST', `${path}/vectors`, { points })
  }
  const ingestSeconds = (performance.now() - started) / 1000
  const ingestLag = await service.eventLoopLagMs()

  const queries = Array.from({ length: queryCount }, vector)
  const times: number[] = []
  const http: number[] = []
  // They take turns, so that the state of the machine is the same for both.
  for (const query of queries) {
    const before = performance.now()
    scan.search(
      rows.view(),
      null,
      'cosine',
      [{ vector: query, k: 10, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null }],
      { first: 0, end: rows.count },
    )
    const between = performance.now()
    await service.json('POST', `${path}/search`, { query: { vector: [...query] }, k: 10 })
    times.push(between - before)
    http.push(performance.now() - between)
  }
  const kernelMs = quantile(times, 0.5)
  const loaded = await load(queryCount, 8, (i) =>
    service.json('POST', `${path}/search`, { query: { vector: [...queries[i]!] }, k: 10 }),
  )
  const searchLag = await service.eventLoopLagMs()
  const filtered = await load(50, 2, (i) =>
    service.json('POST', `${path}/search`, {
      query: { vector: [...queries[i]!] },
      k: 10,
      filter: { group: { $lt: 50 } },
    }),
  )
  const filterLag = await service.eventLoopLagMs()
  const memoryBytes = service.memoryBytes()
  await service.stop()
  const again = await RunningService.start(service.dataFolder)
  const startMs = again.startMs
  await again.close()

  writeReport(
    `scan-${rowCount}x${dimensions}`,
    circumstances(
      `${rowCount} x ${dimensions}, 1000 gaussian clusters, unit length, seed 1`,
      `k 10, ${queryCount} queries, kernel on one thread of this process, service with its default threads`,
    ),
    [
      {
        title: 'Exact 10-NN, one caller',
        columns: ['', 'p50 ms', 'p99 ms', 'against the kernel'],
        rows: [
          ['kernel scan, one thread', kernelMs, quantile(times, 0.99), 1],
          ['over HTTP', quantile(http, 0.5), quantile(http, 0.99), quantile(http, 0.5) / kernelMs],
        ],
      },
      {
        title: 'Under load',
        columns: ['', 'per second', 'p50 ms', 'p99 ms', 'event loop held at most, ms'],
        rows: [
          ['ingest of 1000 vectors a call', rowCount / ingestSeconds, '', '', ingestLag],
          ['search, 8 callers', loaded.perSecond, loaded.p50Ms, loaded.p99Ms, searchLag],
          [
            'search with a filter that half meet, 2 callers',
            filtered.perSecond,
            filtered.p50Ms,
            filtered.p99Ms,
            filterLag,
          ],
        ],
      },
      {
        title: 'Service',
        columns: ['resident memory, MB', 'vectors alone, MB', 'start until ready, s'],
        rows: [[memoryBytes / 1e6, (rowCount * dimensions * 4) / 1e6, startMs / 1000]],
      },
    ],
  )
} finally {
  await service.close()
}
