// Measures the processor time of searching sets of vectors by each distance, for one view and for five.
// usage: node dist/bench/identities.js [IDENTITIES] [VIEWS OF EACH]
import { compareIdentities } from '../src/engine/identity-value.ts'
import { SET_DISTANCES } from '../src/index/sets/set-distance.ts'
import { StoredSets } from '../src/index/sets/stored-sets.ts'
import { gaussian, type Random, seededRandom } from '../src/vector/random.ts'
import { toStoredVector } from '../src/vector/stored-vector.ts'
import { circumstances, type Table, writeReport } from './support/report.ts'

const identities = Number(process.argv[2] ?? 2000)
const viewsOfEach = Number(process.argv[3] ?? 5)
const DIMENSIONS = 512
const ASKED_VIEWS = [1, 5]
const K = 5
const QUERIES = 10

type Vector = Float64Array

/** The distance of a view from its identity's centre, which has length 1. */
const NOISE = 0.4

const normal = (random: Random): Vector =>
  Float64Array.from({ length: DIMENSIONS }, () => gaussian(random) / Math.sqrt(DIMENSIONS))

/** The centres lie anywhere, or in 8 directions about each of 40 kinds of subject. */
const SPACES: Record<string, (random: Random) => () => Vector> = {
  'centres anywhere': (random) => () => normal(random),
  'centres in 40 clusters of intrinsic dimension 8': (random) => {
    const kinds = Array.from({ length: 40 }, () => ({
      centre: normal(random),
      axes: Array.from({ length: 8 }, () => normal(random)),
    }))
    return () => {
      const { centre, axes } = kinds[Math.floor(random() * kinds.length)]!
      const at = centre.slice()
      for (const axis of axes) {
        const along = 0.35 * gaussian(random)
        for (let i = 0; i < DIMENSIONS; i++) at[i]! += along * axis[i]!
      }
      return at
    }
  },
}

function views(random: Random, centre: Vector, count: number): Float32Array[] {
  return Array.from({ length: count }, () => {
    const noise = normal(random)
    const view = centre.map((value, i) => value + NOISE * noise[i]!)
    return toStoredVector(view, DIMENSIONS, 'cosine')
  })
}

function measure(name: string, centres: (random: Random) => () => Vector): Table {
  const random = seededRandom(1)
  const next = centres(random)
  const all = Array.from({ length: identities }, next)
  const vectors = all.flatMap((centre) => views(random, centre, viewsOfEach))
  const sets = new StoredSets('cosine', compareIdentities)
  sets.put(
    {
      names: all.map((_, i) => i),
      ends: Uint32Array.from(all, (_, i) => (i + 1) * viewsOfEach),
      rows: Uint32Array.from(vectors, (_, i) => i),
    },
    (row) => vectors[row]!,
  )
  const known = all.slice(0, QUERIES)
  const unknown = Array.from({ length: QUERIES }, next)
  const asked = [known, unknown].flatMap((subjects) =>
    ASKED_VIEWS.map((count) => subjects.map((centre) => views(random, centre, count))),
  )
  return {
    title: `${identities} identities of ${viewsOfEach} views, ${DIMENSIONS} numbers, ${name}; CPU ms of the ${K} nearest`,
    columns: ['', ...['known', 'unknown'].flatMap((who) => ASKED_VIEWS.map((n) => `${who}, ${n}`))],
    rows: SET_DISTANCES.map((distance) => {
      const search = (of: readonly Float32Array[]) =>
        sets.search({
          of: { kind: 'vectors', vectors: of },
          distance,
          k: K,
          radius: Number.POSITIVE_INFINITY,
        })
      return [distance, ...asked.map((queries) => meanCpuMs(queries, search))]
    }),
  }
}

/** The first two queries run once before, to warm up. */
function meanCpuMs<T>(queries: readonly T[], run: (query: T) => unknown): number {
  for (const query of queries.slice(0, 2)) run(query)
  const started = process.cpuUsage()
  for (const query of queries) run(query)
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1000 / queries.length
}

const tables = Object.entries(SPACES).map(([name, centres]) => measure(name, centres))
writeReport(
  'identities',
  circumstances(
    `made with seed 1: views are ${NOISE} from a centre of length 1`,
    `${QUERIES} queries of new views, of known and of unknown subjects, one view and five`,
  ),
  tables,
)
