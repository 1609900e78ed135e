// Compares the M-tree of identities with a scan of every set, under Hausdorff distance: the distances and the time.
// usage: node dist/bench/identities.js [IDENTITIES]
import { compareIdentities } from '../src/engine/identity-value.ts'
import { SetTree } from '../src/index/metric/set-tree.ts'
import { gaussian, type Random, seededRandom } from '../src/vector/random.ts'
import { toStoredVector } from '../src/vector/stored-vector.ts'
import { circumstances, type Table, writeReport } from './support/report.ts'

const identities = Number(process.argv[2] ?? 2000)
const DIMENSIONS = 512
const VIEWS = 5
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

function views(random: Random, centre: Vector): Float32Array[] {
  return Array.from({ length: VIEWS }, () => {
    const noise = normal(random)
    const view = centre.map((value, i) => value + NOISE * noise[i]!)
    return toStoredVector(view, DIMENSIONS, 'cosine')
  })
}

function measure(name: string, centres: (random: Random) => () => Vector): Table {
  const random = seededRandom(1)
  const next = centres(random)
  const all = Array.from({ length: identities }, next)
  const stored = all.flatMap((centre) => views(random, centre))
  const tree = new SetTree('cosine', compareIdentities)
  tree.put(
    {
      names: all.map((_, i) => i),
      ends: Uint32Array.from(all, (_, i) => (i + 1) * VIEWS),
      rows: Uint32Array.from(stored, (_, i) => i),
    },
    (row) => stored[row]!,
  )
  const known = all.slice(0, QUERIES).map((centre) => views(random, centre))
  const unknown = Array.from({ length: QUERIES }, () => views(random, next()))
  const searches = [
    ['the nearest, of a known subject', known, 1],
    ['10 nearest, of a known subject', known, 10],
    ['10 nearest, of an unknown subject', unknown, 10],
  ] as const
  const rows = () => searches.map(([, queries, k]) => cost(tree, queries, k))
  const scanned = rows()
  const buildMs = cpuMs(() => {
    while (tree.grow());
  })
  const searched = rows()
  return {
    title: `${identities} identities of ${VIEWS} views, ${DIMENSIONS} numbers, ${name}; tree grown in ${(buildMs / 1000).toPrecision(3)} CPU s`,
    columns: ['', 'scan, CPU ms', 'M-tree, % of distances', 'M-tree, CPU ms', 'scan / M-tree'],
    rows: searches.map(([what], i) => {
      const [scan, inTree] = [scanned[i]!, searched[i]!]
      const share = (100 * inTree.distances) / scan.distances
      return [what, scan.ms, share, inTree.ms, scan.ms / inTree.ms]
    }),
  }
}

/** Computes means over the queries. The first two run once before, to warm up. */
function cost(tree: SetTree, queries: readonly (readonly Float32Array[])[], k: number) {
  const radius = Number.POSITIVE_INFINITY
  const search = (vectors: readonly Float32Array[]) =>
    tree.search({ of: { kind: 'vectors', vectors }, k, radius })
  for (const vectors of queries.slice(0, 2)) search(vectors)
  let distances = 0
  const ms = cpuMs(() => {
    for (const vectors of queries) {
      for (const { candidates } of search(vectors).levels) distances += candidates
    }
  })
  return { distances: distances / queries.length, ms: ms / queries.length }
}

function cpuMs(run: () => void): number {
  const started = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1000
}

const tables = Object.entries(SPACES).map(([name, centres]) => measure(name, centres))
writeReport(
  'identities',
  circumstances(
    `made with seed 1: views are ${NOISE} from a centre of length 1`,
    `${QUERIES} queries of ${VIEWS} new views`,
  ),
  tables,
)
