// Measures what range queries cost beside k-NN queries that find as many records: processor time of all threads, in a
// collection without HTTP, by this build and by another one in turns.
// usage: node dist/bench/range.js --fashion-mnist FOLDER [--before DIST]
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Collection } from '../src/collection/collection.ts'
import type { SearchRequest } from '../src/collection/requests.ts'
import { loadConfig } from '../src/config/config.ts'
import type { Service } from '../src/service/service.ts'
import { fashionMnist } from './support/fashion-mnist.ts'
import { circumstances, quantile, writeReport } from './support/report.ts'

type ServiceModule = typeof import('../src/service/service.ts')

const QUERIES = 64
const ROUNDS = 10
const HITS = 11
const ROWS_A_CALL = 2000
const NAME = 'range'

/** A kind of request: what is asked of the query with a radius that `HITS` records are within. */
interface Kind {
  readonly k: number | null
  readonly bounded: boolean
  readonly limit: number
}

const KINDS: Readonly<Record<string, Kind>> = {
  [`the ${HITS} nearest`]: { k: HITS, bounded: false, limit: 1000 },
  'radius and k 100': { k: 100, bounded: true, limit: 1000 },
  'radius alone': { k: null, bounded: true, limit: 1000 },
  'radius alone, limit 5, three pages': { k: null, bounded: true, limit: 5 },
}

interface Build {
  readonly name: string
  readonly service: Service
  readonly collection: Collection
}

const { values } = parseArgs({
  options: { 'fashion-mnist': { type: 'string' }, before: { type: 'string' } },
})
const data = values['fashion-mnist']
if (data === undefined) throw new Error('usage: node dist/bench/range.js --fashion-mnist FOLDER')
const folder = mkdtempSync(join(tmpdir(), 'lookalike-bench-'))
const loadAverage = loadavg()[0]!.toFixed(1)
const vectors = fashionMnist(data, 'train')
const queries = fashionMnist(data, 't10k').slice(0, QUERIES)

async function open(name: string, dist: string): Promise<Build> {
  const { openService }: ServiceModule = await import(join(dist, 'src/service/service.js'))
  const service = await openService(loadConfig({}, { data: join(folder, name), graphFrom: '0' }))
  const dimensions = vectors[0]!.length
  await service.collections.create({ name: NAME, dimensions, metric: 'cosine', memory: 'float32' })
  const collection = service.collections.get(NAME)
  for (let i = 0; i < vectors.length; i += ROWS_A_CALL) {
    const some = vectors.slice(i, i + ROWS_A_CALL)
    await collection.addVectors(
      some.map((vector, j) => ({ id: `record-${i + j}`, vector, metadata: {} })),
    )
  }
  const build = { name, service, collection }
  await coded(build)
  return build
}

/** Waits until nearly all rows have codes. */
async function coded({ collection }: Build): Promise<void> {
  for (;;) {
    const first = request(queries[0]!, { k: HITS, bounded: false, limit: 1000 }, null, null)
    const { explain } = await collection.search({ ...first, include: ['explain'] })
    const floats = explain!.levels.find(({ name }) => name === 'float32')?.candidates
    if (floats !== undefined && floats < vectors.length / 100) return
    await new Promise((done) => setTimeout(done, 500))
  }
}

function request(
  vector: Float32Array,
  { k, limit }: Kind,
  radius: number | null,
  cursor: string | null,
): SearchRequest {
  return {
    query: { positive: [{ kind: 'vector', vector }], negative: [] },
    ...{ k, radius, limit, cursor },
    ...{ filter: null, groupBy: null, groupSize: 1, exactIndex: 'scan', accuracy: 'exact' },
    include: [],
  }
}

/** Milliseconds of processor time a query, of all threads. */
async function turn({ collection }: Build, kind: Kind, radii: readonly number[]): Promise<number> {
  const before = process.cpuUsage()
  for (const [i, vector] of queries.entries()) {
    let cursor: string | null = null
    do {
      const radius = kind.bounded ? radii[i]! : null
      const answer = await collection.search(request(vector, kind, radius, cursor))
      cursor = answer.cursor
    } while (cursor !== null)
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / queries.length
}

const builds: Build[] = []
try {
  if (values.before !== undefined) builds.push(await open('before', resolve(values.before)))
  builds.push(await open('now', resolve('dist')))
  const radii: number[] = []
  for (const vector of queries) {
    const nearest = request(vector, { k: HITS, bounded: false, limit: 1000 }, null, null)
    const { matches } = await builds[0]!.collection.search(nearest)
    radii.push(matches.at(-1)!.distance)
  }
  const times = new Map<string, number[]>()
  for (let round = -2; round < ROUNDS; round++) {
    for (const [name, kind] of Object.entries(KINDS)) {
      for (const build of round % 2 === 0 ? builds : builds.toReversed()) {
        const ms = await turn(build, kind, radii)
        const key = `${name}/${build.name}`
        if (round >= 0) times.set(key, [...(times.get(key) ?? []), ms])
      }
    }
  }
  const median = (kind: string, { name }: Build) => quantile(times.get(`${kind}/${name}`)!, 0.5)
  const [nearest] = Object.keys(KINDS)
  writeReport(
    'range',
    circumstances(
      'Fashion-MNIST training pixels, 60000 x 784, unit length, queries from its test set',
      `a collection in this process, ${QUERIES} queries one after the other, medians of ${ROUNDS} rounds, builds and requests in turns; ` +
        `the radius is the distance of the ${HITS}th nearest; load average at the start ${loadAverage}`,
    ),
    [
      {
        title: 'Processor time of a query, all threads',
        columns: ['', ...builds.flatMap(({ name }) => [`${name}, ms`, `${name}, times the k-NN`])],
        rows: Object.keys(KINDS).map((kind) => [
          kind,
          ...builds.flatMap((build) => [
            median(kind, build),
            median(kind, build) / median(nearest!, build),
          ]),
        ]),
      },
    ],
  )
} finally {
  for (const { service } of builds) await service.close()
  rmSync(folder, { recursive: true })
}
