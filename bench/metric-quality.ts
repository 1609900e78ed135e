// Measures how good metric trees are, and how well their cost is predicted (Zezula and others, Similarity Search, chapters
// 1 and 3): homogeneity of viewpoints, fat-factor, proximity of the leaves' balls, predicted against computed distances.
// usage: node dist/bench/metric-quality.js [OBJECTS]
import type { Insertion } from '../src/index/metric/m-tree-entry.ts'
import type { VpNode } from '../src/index/metric/vp-node.ts'
import type { Metric } from '../src/vector/metric/metric.ts'
import { euclidean } from '../src/vector/metric/minkowski.ts'
import { type Random, seededRandom } from '../src/vector/random.ts'
import { distanceShare } from '../test/support/counted-distances.ts'
import { type MetricSpace, wordSpace } from '../test/support/metric-spaces.ts'
import { clustered, DIMENSIONS } from './support/low-dimensional-clusters.ts'
import { OpenMTree, OpenVpTree } from './support/open-trees.ts'
import { circumstances, type Table, writeReport } from './support/report.ts'

const objectCount = Number(process.argv[2] ?? 3000)
const QUERIES = 30
const PAIRS = 20_000
const VIEWPOINTS = 40
const LEAF_PAIRS = 200
/** Shares of the objects that the range queries should hold. */
const HELD = [0.001, 0.01]

/** The share of a sample that is at most a distance, or less where `strictly`. */
type Distribution = (distance: number, strictly?: boolean) => number

function distributionOf(distances: readonly number[]): Distribution {
  const sorted = Float64Array.from(distances).sort()
  return (distance, strictly = false) => {
    let from = 0
    let to = sorted.length
    while (from < to) {
      const middle = (from + to) >> 1
      const value = sorted[middle]!
      if (value < distance || (value === distance && !strictly)) from = middle + 1
      else to = middle
    }
    return from / sorted.length
  }
}

function drawn<T>(objects: readonly T[], random: Random): T {
  return objects[Math.floor(random() * objects.length)]!
}

/** 1 less the mean difference of two objects' distributions of distances (Ciaccia, Patella and Zezula, 1998). */
function homogeneity<T>(objects: readonly T[], metric: Metric<T>, random: Random): number {
  const others = Array.from({ length: 300 }, () => drawn(objects, random))
  const views = Array.from({ length: VIEWPOINTS }, () => {
    const viewpoint = drawn(objects, random)
    return others.map((other) => metric.distance(viewpoint, other))
  })
  const farthest = Math.max(...views.flat())
  const distributions = views.map(distributionOf)
  let difference = 0
  const steps = 100
  for (const a of distributions) {
    for (const b of distributions) {
      for (let i = 0; i < steps; i++) {
        const distance = (farthest * i) / steps
        difference += Math.abs(a(distance) - b(distance))
      }
    }
  }
  return 1 - difference / steps / (VIEWPOINTS * (VIEWPOINTS - 1))
}

/** The share of nodes beyond one a level that a search for a stored object reads: 0 to 1 (Traina and others, 2000). */
function fatFactor<T>(tree: OpenMTree<T>, objects: readonly T[]): number {
  const nodes = [...tree.nodes()]
  let reads = 0
  for (const object of objects) {
    const read = new Set(nodes.slice(0, 1))
    for (const node of nodes) {
      if (node.parent === null || !read.has(node.parent)) continue
      if (tree.metric.distance(node.item.object, object) <= node.radius) read.add(node)
    }
    reads += read.size
  }
  return (reads / objects.length - tree.height) / (nodes.length - tree.height)
}

/** The mean share of objects that lie in the balls of two leaves at once: counted, and if balls were independent. */
function proximity<T>(tree: OpenMTree<T>, objects: readonly T[], F: Distribution, random: Random) {
  const leaves = [...tree.nodes()].filter(({ level }) => level === 1)
  let counted = 0
  let independent = 0
  for (let i = 0; i < LEAF_PAIRS; i++) {
    const [a, b] = [drawn(leaves, random), drawn(leaves, random)]
    const within = ({ item, radius }: typeof a, object: T) =>
      tree.metric.distance(item.object, object) <= radius
    counted += objects.filter((object) => within(a, object) && within(b, object)).length
    independent += F(a.radius) * F(b.radius)
  }
  return [counted / objects.length / LEAF_PAIRS, independent / LEAF_PAIRS] as const
}

/** The distances that a range query computes: the entries of each node that its ball is expected to meet. */
function predictedOfMTree<T>(tree: OpenMTree<T>, F: Distribution, radius: number): number {
  let distances = 0
  for (const node of tree.nodes()) distances += F(node.radius + radius) * node.children.length
  return distances
}

/** The same of a VP-tree: each ring is met by itself with the share of distances that reach it. */
function predictedOfVpTree<T>(node: VpNode<T>, F: Distribution, radius: number): number {
  if (node.kind === 'leaf') return node.entries.length
  let distances = 1
  for (const { node: below, low, high } of [node.near, node.far]) {
    const met = F(high + radius) - F(low - radius, true)
    distances += met * predictedOfVpTree(below, F, radius)
  }
  return distances
}

function measure<T>({ name, metric, make }: MetricSpace<T>): Table[] {
  const random = seededRandom(1)
  const made = make(random, objectCount + QUERIES)
  const queries = made.slice(0, QUERIES)
  const objects = made.slice(QUERIES)
  const all = objects.map((object, id) => [id, object] as const)
  const pairs = Array.from({ length: PAIRS }, () =>
    metric.distance(drawn(objects, random), drawn(objects, random)),
  )
  const F = distributionOf(pairs)
  const sorted = pairs.toSorted((a, b) => a - b)
  const radii = HELD.map((share) => sorted[Math.floor(share * PAIRS)]!)
  const mTree = (insertion: Insertion) =>
    new OpenMTree({ metric, random: seededRandom(2), insertion })
  const loaded = mTree('single-way')
  loaded.bulkLoad(all)
  const grown = (['single-way', 'multi-way'] as const).map((insertion) => {
    const tree = mTree(insertion)
    for (const [id, object] of all) tree.insert(id, object)
    return [`M-tree, ${insertion}`, tree] as const
  })
  const vpTree = new OpenVpTree({ metric, random: seededRandom(2) })
  vpTree.bulkLoad(all)
  const mTrees = [['M-tree, bulk loaded', loaded] as const, ...grown]
  const costs = (tree: OpenMTree<T> | OpenVpTree<T>) =>
    radii.flatMap((radius) => {
      const predicted =
        tree instanceof OpenMTree
          ? predictedOfMTree(tree, F, radius)
          : predictedOfVpTree(tree.top, F, radius)
      const computed = distanceShare(tree, queries, (query) => tree.range(query, radius))
      return [(100 * predicted) / objects.length, 100 * computed]
    })
  return [
    {
      title: `${objects.length} ${name}: homogeneity of viewpoints ${homogeneity(objects, metric, random).toPrecision(3)}`,
      columns: ['', 'fat-factor', 'in two leaves, % of objects', 'if independent, %'],
      rows: mTrees.map(([tree, index]) => {
        const [counted, independent] = proximity(index, objects, F, random)
        return [tree, fatFactor(index, objects), 100 * counted, 100 * independent]
      }),
    },
    {
      title: `${objects.length} ${name}: range queries`,
      columns: [
        '',
        ...radii.flatMap((radius) => {
          const within = `radius ${radius.toPrecision(3)}`
          return [`${within}: predicted, % of distances`, 'computed, %']
        }),
      ],
      rows: [...mTrees, ['VP-tree', vpTree] as const].map(([tree, index]) => [
        tree,
        ...costs(index),
      ]),
    },
  ]
}

writeReport(
  'metric-quality',
  circumstances(
    'made with seed 1: 100 clusters of intrinsic dimension 8 for the clustered',
    `${objectCount} objects, ${QUERIES} queries that are not among them; distribution of ${PAIRS} pairs; ${VIEWPOINTS} viewpoints; ${LEAF_PAIRS} pairs of leaves`,
  ),
  [
    ...measure({ name: `clustered ${DIMENSIONS}-d vectors`, metric: euclidean, make: clustered }),
    ...measure({
      name: 'uniform 8-d vectors',
      metric: euclidean,
      make: (random, count) =>
        Array.from({ length: count }, () => Float32Array.from({ length: 8 }, random)),
    }),
    ...measure(wordSpace),
  ],
)
