// Measures four structures that find the fingerprints within a radius. Their answers are the same.
// usage: node dist/bench/fingerprints.js [FINGERPRINTS]
import assert from 'node:assert/strict'
import { type Fingerprint, FingerprintIndex } from '../src/index/hamming/fingerprint-index.ts'
import { MTree } from '../src/index/metric/m-tree.ts'
import { VpTree } from '../src/index/metric/vp-tree.ts'
import { bitCount } from '../src/vector/bitset.ts'
import { hamming } from '../src/vector/metric/hamming.ts'
import { type Random, seededRandom } from '../src/vector/random.ts'
import { interleaved } from './support/interleaved.ts'
import { circumstances, type Table, writeReport } from './support/report.ts'

const count = Number(process.argv[2] ?? 100_000)
const QUERIES = 20
const ROUNDS = 7

/** Makes fingerprints, half of them at random, half up to 12 bits off one of a thousand. */
function makeFingerprints(random: Random): Uint32Array {
  const word = () => Math.floor(random() * 2 ** 32)
  const centres = Array.from({ length: 1000 }, () => [word(), word()] as const)
  const halves = new Uint32Array(count * 2)
  for (let i = 0; i < count; i++) {
    const centre = centres[Math.floor(random() * centres.length)]!
    let [upper, lower] = i % 2 === 0 ? [word(), word()] : centre
    for (let flip = Math.floor(random() * 13); flip > 0; flip--) {
      if (random() < 0.5) upper = (upper ^ (1 << Math.floor(random() * 32))) >>> 0
      else lower = (lower ^ (1 << Math.floor(random() * 32))) >>> 0
    }
    halves.set([upper, lower], i * 2)
  }
  return halves
}

function scan(halves: Uint32Array, { upper, lower }: Fingerprint, radius: number): number {
  let found = 0
  for (let i = 0; i < halves.length; i += 2) {
    if (bitCount(halves[i]! ^ upper) + bitCount(halves[i + 1]! ^ lower) <= radius) found++
  }
  return found
}

const random = seededRandom(3)
const halves = makeFingerprints(random)
const words = Array.from({ length: count }, (_, i) => halves.slice(i * 2, i * 2 + 2))
const objects = words.map((pair, i) => [i, pair] as const)
const index = new FingerprintIndex()
const vpTree = new VpTree({ metric: hamming, random: seededRandom(4) })
const mTree = new MTree({ metric: hamming, random: seededRandom(4) })
words.forEach((pair, row) => {
  index.add(row, { upper: pair[0]!, lower: pair[1]! })
})
vpTree.bulkLoad(objects)
mTree.bulkLoad(objects)

const rows: (readonly (string | number)[])[] = []
for (const radius of [0, 4, 8, 12, 16]) {
  const queries = Array.from({ length: QUERIES }, () => words[Math.floor(random() * count)]!)
  const fingerprints = queries.map(([upper, lower]) => ({ upper: upper!, lower: lower! }))
  const all = (find: (i: number) => number) => () => queries.map((_, i) => find(i))
  const methods = {
    scan: all((i) => scan(halves, fingerprints[i]!, radius)),
    index: all((i) => index.within(fingerprints[i]!, radius, count).length),
    vpTree: all((i) => vpTree.range(queries[i]!, radius).ids.length),
    mTree: all((i) => mTree.range(queries[i]!, radius).ids.length),
  }
  const hits = methods.scan()
  for (const method of Object.values(methods)) assert.deepEqual(method(), hits)
  const share = (tree: typeof vpTree | typeof mTree) =>
    queries.reduce((sum, query) => sum + tree.range(query, radius).computedDistances, 0) /
    (QUERIES * count)
  const ms = interleaved(methods, ROUNDS, QUERIES)
  rows.push([
    ...[radius, hits.reduce((sum, found) => sum + found, 0) / QUERIES],
    ...[ms.scan!, ms.index!, ms.vpTree!, ms.mTree!],
    ...[100 * share(vpTree), 100 * share(mTree)],
  ])
}
const table: Table = {
  title: `${count} fingerprints, milliseconds a query`,
  columns: [
    ...['radius, bits', 'hits', 'scan', 'multi-index', 'VP-tree', 'M-tree'],
    ...['VP-tree, % of distances', 'M-tree, % of distances'],
  ],
  rows,
}
writeReport(
  'fingerprints',
  circumstances(
    'made with seed 3: half random, half up to 12 bits off one of a thousand',
    `${QUERIES} queries from among them, median of ${ROUNDS} rounds in turn, one thread`,
  ),
  [table],
)
