import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/config.ts'
import type { VectorMemory } from '../../src/engine/collection-spec.ts'
import { openService } from '../../src/service/service.ts'
import { gaussian, seededRandom } from '../../src/vector/random.ts'
import { toStoredVector } from '../../src/vector/stored-vector.ts'
import { quantile } from './report.ts'
import { RunningService } from './running-service.ts'

export interface LargeCollection {
  readonly rows: number
  readonly dimensions: number
  readonly memory: VectorMemory
}

const NAME = 'large'
const PATH = `/v1/collections/${NAME}`
const ROWS_A_CALL = 2000
/** The calls at one time, whose records share commits. */
const CALLS_AT_ONCE = 4
const QUERIES = 100
/** The rows of the service that is compared with: enough to have codes. */
const FEW_ROWS = 4096
const LATENT = 32
const MEGABYTE = 1e6
/** An engine at rest collects its garbage a minute and a half after its last work. */
const RESTS_AFTER_MS = 100_000
const MAX_REST_MS = 300_000
/** Without this a graph would be built beside the searches that are measured. */
const NO_GRAPH = ['--graph-from', '0']

export const BYTES_A_VECTOR = `bytes a vector: what they add to the resident memory, at rest, of a service with ${FEW_ROWS} of them that does the same`
export const MADE =
  '1000 gaussian clusters in 32 latent dimensions, mapped linearly, with noise of .02 a number, unit length, seed 1'

interface Answer {
  readonly matches: readonly { readonly distance: number }[]
  readonly explain: { readonly levels: readonly { readonly name: string; candidates: number }[] }
}

/**
 * Builds a collection, starts a service on it, and searches it over HTTP by one caller. The memory of a row is what
 * the rows add to a service that has a few of them. A service without rows would be no measure: it has not run the
 * code that loads and searches, and so has tens of megabytes less.
 */
export async function measureLarge(collection: LargeCollection) {
  const few = await measureOne({ ...collection, rows: Math.min(FEW_ROWS, collection.rows - 1) })
  const all = await measureOne(collection)
  const perRow = (bytes: 'startBytes' | 'searchedBytes') => {
    return (all[bytes] - few[bytes]) / (all.rows - few.rows)
  }
  return { ...all, bytesARow: perRow('startBytes'), searchedBytesARow: perRow('searchedBytes') }
}

async function measureOne({ rows, dimensions, memory }: LargeCollection) {
  const make = maker(dimensions)
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-large-'))
  const buildSeconds = await build(folder, { rows, dimensions, memory }, make)
  const service = await RunningService.start(folder, NO_GRAPH)
  try {
    // The longest that loading held the event loop.
    const startLagMs = await service.eventLoopLagMs()
    const queries = Array.from({ length: QUERIES }, () => [...make()])
    const codedSeconds = await coded(service, queries[0]!, rows)
    const startBytes = await restingBytes(service)
    const nearest = await search(service, queries, () => ({ k: 10 }))
    const range = await search(service, queries, (i) => ({ radius: nearest.radii[i], limit: 1000 }))
    const searchLagMs = await service.eventLoopLagMs()
    const searchedBytes = await restingBytes(service)
    return {
      rows,
      buildSeconds,
      startSeconds: service.startMs / 1000,
      startLagMs,
      searchLagMs,
      codedSeconds,
      startBytes,
      searchedBytes,
      nearest,
      range,
    }
  } finally {
    await service.close()
  }
}

/**
 * Waits until the resident memory has not fallen for a while, and returns it. By then the work that a start leaves for
 * later is done, and an idle process has given back tens of megabytes.
 */
async function restingBytes(service: RunningService): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY
  let since = performance.now()
  const started = since
  while (performance.now() - since < RESTS_AFTER_MS && performance.now() - started < MAX_REST_MS) {
    await new Promise((done) => setTimeout(done, 1000))
    const bytes = service.memoryBytes()
    if (bytes < lowest - MEGABYTE) since = performance.now()
    lowest = Math.min(lowest, bytes)
  }
  return lowest
}

/** Adds the rows to a new collection in this process, without HTTP. Returns the seconds that the calls took. */
async function build(
  folder: string,
  { rows, dimensions, memory }: LargeCollection,
  make: () => Float32Array,
): Promise<number> {
  const service = await openService(loadConfig({}, { data: folder, graphFrom: '0' }))
  try {
    await service.collections.create({ name: NAME, dimensions, metric: 'cosine', memory })
    const collection = service.collections.get(NAME)
    let milliseconds = 0
    for (let first = 0; first < rows; first += CALLS_AT_ONCE * ROWS_A_CALL) {
      const points = Array.from(
        { length: Math.min(CALLS_AT_ONCE * ROWS_A_CALL, rows - first) },
        (_, j) => ({ id: `record-${first + j}`, vector: make(), metadata: {} }),
      )
      const calls = Array.from({ length: CALLS_AT_ONCE }, (_, i) => {
        return points.slice(i * ROWS_A_CALL, (i + 1) * ROWS_A_CALL)
      })
      const started = performance.now()
      await Promise.all(calls.map((call) => collection.addVectors(call)))
      milliseconds += performance.now() - started
    }
    return milliseconds / 1000
  } finally {
    await service.close()
  }
}

/** Waits until nearly all rows have codes. Returns the seconds since the process was started. */
async function coded(service: RunningService, vector: readonly number[], rows: number) {
  const started = performance.now()
  for (;;) {
    const { levels } = await search(service, [vector], () => ({ k: 10 }))
    const floats = Number(/float32 (\d+)/.exec(levels)?.[1])
    if (floats < rows / 100) return (service.startMs + performance.now() - started) / 1000
    await new Promise((done) => setTimeout(done, 1000))
  }
}

/** Searches exactly, one query after the other. */
async function search(
  service: RunningService,
  queries: readonly (readonly number[])[],
  request: (i: number) => object,
) {
  const times: number[] = []
  const radii: number[] = []
  const candidates = new Map<string, number>()
  for (const [i, vector] of queries.entries()) {
    const started = performance.now()
    const answer = await service.json<Answer>('POST', `${PATH}/search`, {
      query: { vector },
      include: ['explain'],
      accuracy: 'exact',
      ...request(i),
    })
    times.push(performance.now() - started)
    radii.push(answer.matches.at(-1)!.distance)
    for (const { name, candidates: count } of answer.explain.levels) {
      candidates.set(name, (candidates.get(name) ?? 0) + count / queries.length)
    }
  }
  const levels = [...candidates].map(([name, mean]) => `${name} ${Math.round(mean)}`).join(', ')
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), radii, levels }
}

function maker(dimensions: number): () => Float32Array {
  const random = seededRandom(1)
  const normal = (length: number) => Float64Array.from({ length }, () => gaussian(random))
  const map = Array.from({ length: LATENT }, () => normal(dimensions))
  const centres = Array.from({ length: 1000 }, () => normal(LATENT))
  return () => {
    const centre = centres[Math.floor(random() * centres.length)]!
    const vector = new Float64Array(dimensions)
    for (const [j, direction] of map.entries()) {
      const weight = centre[j]! + 0.3 * gaussian(random)
      for (let i = 0; i < dimensions; i++) vector[i]! += weight * direction[i]!
    }
    // A uniform number with the spread of the noise is cheap to make.
    for (let i = 0; i < dimensions; i++) vector[i]! += 0.02 * 3.46 * (random() - 0.5)
    return toStoredVector(vector, dimensions, 'cosine')
  }
}
