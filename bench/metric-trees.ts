// Compares each metric structure with a scan, for exact 10-NN and range queries: the distances and the time.
// usage: node dist/bench/metric-trees.js [OBJECTS]
import { LinearScan } from '../src/index/metric/linear-scan.ts'
import { MTree, type SlimDown } from '../src/index/metric/m-tree.ts'
import type { Insertion } from '../src/index/metric/m-tree-entry.ts'
import type { MetricIndex } from '../src/index/metric/metric-index.ts'
import { PivotTable } from '../src/index/metric/pivot-table.ts'
import { VpTree } from '../src/index/metric/vp-tree.ts'
import { hausdorff } from '../src/vector/metric/hausdorff.ts'
import { euclidean } from '../src/vector/metric/minkowski.ts'
import { gaussian, type Random, seededRandom } from '../src/vector/random.ts'
import { toStoredVector } from '../src/vector/stored-vector.ts'
import { distanceShare } from '../test/support/counted-distances.ts'
import {
  fingerprintSpace,
  type MetricSpace,
  treeSpace,
  trees,
  type WithSpace,
  wordSpace,
} from '../test/support/metric-spaces.ts'
import { type MakeStructure, SURVEY_STRUCTURES } from '../test/support/survey-structures.ts'
import { clustered, DIMENSIONS } from './support/low-dimensional-clusters.ts'
import { circumstances, type Table, writeReport } from './support/report.ts'

const objectCount = Number(process.argv[2] ?? 5000)
const QUERIES = 30
const K = 10
/** The number of objects that a range query should hold. */
const RANGE_HOLDS = 10

interface Structure {
  readonly name: string
  readonly make: MakeStructure
  /** All at once, or one by one. */
  readonly built: 'loaded' | 'inserted'
  /** What is done before queries run. */
  readonly after?: <T>(index: MetricIndex<T>) => void
}

function loaded(name: string, make: MakeStructure): Structure {
  return { name, make, built: 'loaded' }
}

/** An M-tree that grows by insertions, and may be slimmed down at the end. */
function inserted(name: string, insertion: Insertion, slimDown: SlimDown = 'none'): Structure {
  return {
    name: `M-tree, ${name}`,
    make: (metric, random) => new MTree({ metric, random, insertion }),
    built: 'inserted',
    after: (index) => {
      if (index instanceof MTree) index.slimDown(slimDown)
    },
  }
}

const structures: readonly Structure[] = [
  loaded('scan', (metric) => new LinearScan(metric)),
  loaded('VP-tree', (metric, random) => new VpTree({ metric, random })),
  loaded('pivot table, 32', (metric) => new PivotTable({ metric, pivots: 32 })),
  loaded('M-tree', (metric, random) => new MTree({ metric, random })),
  loaded('PM-tree, 32', (metric, random) => new MTree({ metric, random, pivots: 32 })),
  ...SURVEY_STRUCTURES.map(([name, make]) => loaded(name, make)),
  loaded('M-tree, slim', (metric, random) => new MTree({ metric, random, slimDown: 'siblings' })),
  loaded('M-tree, slim at all levels', (metric, random) => {
    return new MTree({ metric, random, slimDown: 'all-levels' })
  }),
  inserted('single-way', 'single-way'),
  inserted('multi-way', 'multi-way'),
  inserted('single-way, slim at all levels', 'single-way', 'all-levels'),
]

function uniform(random: Random, count: number): Float32Array[] {
  return Array.from({ length: count }, () =>
    toStoredVector(
      Array.from({ length: DIMENSIONS }, () => gaussian(random)),
      DIMENSIONS,
      'cosine',
    ),
  )
}

/** Makes identities of two to six views each. */
function identities(random: Random, count: number): Float32Array[][] {
  const views = clustered(random, count)
  return views.map((view) =>
    Array.from({ length: 2 + Math.floor(random() * 5) }, () =>
      toStoredVector(
        view.map((value) => value + 0.02 * gaussian(random)),
        DIMENSIONS,
        'cosine',
      ),
    ),
  )
}

function forEachBenchSpace(use: WithSpace): void {
  const vectors = `${DIMENSIONS}-d vectors, Euclidean`
  use({ name: `clustered ${vectors}`, metric: euclidean, make: clustered })
  use({ name: `uniform ${vectors}`, metric: euclidean, make: uniform })
  use({
    name: 'uniform 8-d vectors, Euclidean',
    metric: euclidean,
    make: (random, count) =>
      Array.from({ length: count }, () => Float32Array.from({ length: 8 }, random)),
  })
  use(fingerprintSpace)
  use(wordSpace)
  use({
    name: `sets of 2 to 6 clustered ${DIMENSIONS}-d vectors, Hausdorff`,
    metric: hausdorff(euclidean),
    // A distance of two sets costs as much as some 20 distances of vectors.
    make: (random, count) => identities(random, Math.ceil(count / 4)),
  })
  // One of two trees costs as much as some 100.
  use({ ...treeSpace, make: (random, count) => trees(random, Math.ceil(count / 4)) })
}

function measure<T>(space: MetricSpace<T>): Table {
  const random = seededRandom(1)
  const made = space.make(random, objectCount + QUERIES)
  const queries = made.slice(0, QUERIES)
  const objects = made.slice(QUERIES).map((object, id) => [id, object] as const)
  const radius = usualRadius(
    space,
    objects.map(([, object]) => object),
    queries,
  )
  const rows = structures.map(({ name, make, built: how, after }) => {
    const index = make(space.metric, seededRandom(2))
    const built = timed(() => {
      if (how === 'loaded') index.bulkLoad(objects)
      else for (const [id, object] of objects) index.insert(id, object)
      after?.(index)
    })
    const perObject = index.maintenanceDistances / index.size
    // They run once to warm up, and once to be measured.
    distanceShare(index, queries, (query) => index.nearest(query, K))
    distanceShare(index, queries, (query) => index.range(query, radius))
    let nearest = 0
    let range = 0
    const nearestMs = timed(() => {
      nearest = distanceShare(index, queries, (query) => index.nearest(query, K))
    })
    const rangeMs = timed(() => {
      range = distanceShare(index, queries, (query) => index.range(query, radius))
    })
    return [
      ...[name, 100 * nearest, nearestMs / QUERIES, 100 * range, rangeMs / QUERIES],
      ...[built / 1000, perObject],
    ]
  })
  return {
    title: `${objects.length} ${space.name}, range radius ${radius.toPrecision(3)}`,
    columns: [
      ...['', '10-NN, % of distances', '10-NN, CPU ms', 'range, % of distances', 'range, CPU ms'],
      ...['build, CPU s', 'distances an object to build'],
    ],
    rows,
  }
}

/** Finds the median, over some queries, of the distance to the object that is RANGE_HOLDS-th nearest. */
function usualRadius<T>({ metric }: MetricSpace<T>, objects: readonly T[], queries: readonly T[]) {
  const distances = queries.slice(0, 15).map((query) => {
    const all = objects.map((object) => metric.distance(query, object))
    return all.sort((a, b) => a - b)[RANGE_HOLDS - 1]!
  })
  return distances.sort((a, b) => a - b)[distances.length >> 1]!
}

/** Measures the processor time of all threads of this process, in milliseconds. Other work changes it little. */
function timed(run: () => void): number {
  const started = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1000
}

const tables: Table[] = []
forEachBenchSpace((space) => {
  process.stderr.write(`${space.name}\n`)
  tables.push(measure(space))
})
writeReport(
  'metric-trees',
  circumstances(
    'made with seed 1: 100 clusters of intrinsic dimension 8 for the clustered',
    `${objectCount} objects (sets and trees: a quarter), bulk loaded but where it says how they were inserted; ${QUERIES} queries that are not among them; k ${K}`,
  ),
  tables,
)
