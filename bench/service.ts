// Measures ingest and search of images over HTTP on loopback: images a second, latency by image and by vector,
// memory, start time.
// usage: node dist/bench/service.js FOLDER
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from './support/load.ts'
import { circumstances, writeReport } from './support/report.ts'
import { RunningService } from './support/running-service.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: node dist/bench/service.js FOLDER')
const images = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(jpe?g|png|webp)$/i.test(file))
  .sort((a, b) => (a < b ? -1 : 1))
  .map((file) => ({ id: file, bytes: readFileSync(join(folder, file)) }))
const path = '/v1/collections/bench'

const service = await RunningService.start()
try {
  const memoryBefore = service.memoryBytes()
  await service.json('PUT', path, {})
  const put = (i: number) =>
    send('PUT', `${path}/images/${encodeURIComponent(images[i]!.id)}`, images[i]!.bytes)
  await service.eventLoopLagMs()
  const ingest = await load(images.length, 16, put)
  const ingestLag = await service.eventLoopLagMs()
  const { vector } = await service.json<{ vector: number[] }>(
    'GET',
    `${path}/images/${encodeURIComponent(images[0]!.id)}?include=vector`,
  )
  const byImage = (i: number) => {
    const form = new FormData()
    form.set('request', JSON.stringify({ query: {}, k: 10 }))
    form.set('image', new Blob([new Uint8Array(images[i % images.length]!.bytes)]))
    return send('POST', `${path}/search`, form)
  }
  const byVector = () => service.json('POST', `${path}/search`, { query: { vector }, k: 10 })
  const searches: [string, number, Awaited<ReturnType<typeof load>>][] = []
  for (const concurrency of [1, 8]) {
    searches.push(['by image', concurrency, await load(300, concurrency, byImage)])
    searches.push(['by vector', concurrency, await load(1000, concurrency, byVector)])
  }
  const searchLag = await service.eventLoopLagMs()
  const memoryAfter = service.memoryBytes()
  await service.stop()
  const again = await RunningService.start(service.dataFolder)
  await again.close()
  writeReport(
    'service',
    circumstances(
      `${images.length} images of ${folder.replace(/.*\//, '')}`,
      'default model, cosine, k 10, load generator on the same machine',
    ),
    [
      {
        title: 'Ingest, 16 callers',
        columns: ['images/s', 'p50 ms', 'p99 ms', 'event loop held at most, ms'],
        rows: [[ingest.perSecond, ingest.p50Ms, ingest.p99Ms, ingestLag]],
      },
      {
        title: `Search (event loop held at most ${searchLag.toFixed(0)} ms)`,
        columns: ['query', 'callers', 'per second', 'p50 ms', 'p99 ms'],
        rows: searches.map(([name, callers, { perSecond, p50Ms, p99Ms }]) => [
          ...[name, callers, perSecond, p50Ms, p99Ms],
        ]),
      },
      {
        title: 'Service',
        columns: [
          'memory when ready, MB',
          'memory at the end, MB',
          'first start, s',
          'start with the data, s',
        ],
        rows: [
          [memoryBefore / 1e6, memoryAfter / 1e6, service.startMs / 1000, again.startMs / 1000],
        ],
      },
    ],
  )
} finally {
  await service.close()
}

async function send(method: string, target: string, body: Buffer | FormData): Promise<unknown> {
  const response = await fetch(service.url + target, {
    method,
    body: body instanceof FormData ? body : new Uint8Array(body),
    ...(!(body instanceof FormData) && { headers: { 'content-type': 'application/octet-stream' } }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${text}`)
  return text
}
