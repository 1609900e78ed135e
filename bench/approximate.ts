// Approximate 10-NN in process: recall against queries a second of this service's graph path (its thread, canonical
// distances and all), of the bare addon on the very same graph, which it reads from the service's file, and of usearch
// on a graph of its own; and exact searches while the service's graph is made.
// usage: node dist/bench/approximate.js [--rows N] [--dimensions D] [--usearch FOLDER]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import hnswlib from 'hnswlib-node'
import { GraphOwner } from '../src/adapters/hnswlib/graph-owner.ts'
import { GRAPH_EF_CONSTRUCTION, GRAPH_LINKS } from '../src/adapters/hnswlib/hnsw.ts'
import { HnswGraph } from '../src/adapters/hnswlib/hnsw-graph.ts'
import { SearchThreads } from '../src/adapters/search-threads/search-threads.ts'
import { searchGraph } from '../src/collection/graph-search.ts'
import { RowSlots } from '../src/collection/row-slots.ts'
import { RowCoding } from '../src/index/cascade/row-coding.ts'
import type { VectorAnswer, VectorQuery } from '../src/index/vector-index.ts'
import { BlockMemory } from '../src/kernels/block-memory.ts'
import { VectorRows } from '../src/kernels/vector-rows.ts'
import { gaussian, seededRandom } from '../src/vector/random.ts'
import { toStoredVector } from '../src/vector/stored-vector.ts'
import { load } from './support/load.ts'
import { circumstances, quantile, type Table, writeReport } from './support/report.ts'
import { buildUsearchGraph, type UsearchGraph } from './support/usearch-graph.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    dimensions: { type: 'string', default: '512' },
    usearch: { type: 'string' },
  },
})
const rowCount = Number(values.rows)
const dimensions = Number(values.dimensions)
type Search = (i: number) => Promise<Iterable<number>>

const K = 10
const QUERIES = 500
const ROUNDS = 5
const EFS = [16, 24, 32, 64, 128]
/** Searches under way at once: enough that the thread of the graph always has the next. */
const CALLERS = 8
const SEED = 1

const random = seededRandom(SEED)
const normal = (scale: number) =>
  Float64Array.from({ length: dimensions }, () => gaussian(random) * scale)
const centres = Array.from({ length: 1000 }, () => normal(1))

function vector(): Float32Array {
  const centre = centres[Math.floor(random() * centres.length)]!
  const numbers = normal(0.3).map((value, i) => value + centre[i]!)
  return toStoredVector(numbers, dimensions, 'cosine')
}

const memory = new BlockMemory()
const module = new WebAssembly.Module(
  readFileSync(new URL('../src/kernels/kernels.wasm', import.meta.url)),
)
const threads = new SearchThreads({ memory, module, threads: 2 })
const owner = new GraphOwner(memory)
const folder = mkdtempSync(join(tmpdir(), 'lookalike-bench-'))
const rows = new VectorRows(memory, dimensions)
const slots = new RowSlots()
const coding = new RowCoding(memory, threads.coder, dimensions)
const index = threads.index(rows, 'cosine', coding)
const place = { folder, collection: 1, generation: 0, metric: 'cosine' as const }
const notice = ({ reason }: { reason: string }) => process.stderr.write(`${reason}\n`)
const graph = new HnswGraph({ owner, rows, fromRecords: 1, place, notice })

try {
  for (let i = 0; i < rowCount; i++) slots.occupy(rows.append(vector()), i + 1, `v${i}`)
  const queries = Array.from({ length: QUERIES }, () => queryOf(vector()))
  while (coding.pending(rows.count)) await coding.advance(rows.view(), () => 0)

  const started = performance.now()
  graph.start({
    count: rowCount,
    inUse: () => slots.rowsInUse(),
    key: (row) => slots.key(row),
    hold: () => () => undefined,
  })
  const exactMs: number[] = []
  const truth: ReadonlySet<number>[] = []
  // One caller all the time; the answers to the queries are kept as the truth.
  for (let i = 0; graph.state.kind !== 'ready' || i < QUERIES; i++) {
    const before = performance.now()
    const answer = await index.search(queries[i % QUERIES]!)
    if (graph.state.kind !== 'ready') exactMs.push(performance.now() - before)
    if (i < QUERIES) truth.push(new Set(nearest(answer)))
  }
  const buildSeconds = (performance.now() - started) / 1000
  while (!readdirSync(folder).includes('1.json')) await new Promise(setImmediate)

  const bare = new hnswlib.HierarchicalNSW('l2', dimensions)
  bare.readIndexSync(join(folder, readdirSync(folder).find((file) => file.endsWith('.hnsw'))!))
  const plain = queries.map((query) => [...query.vector])

  const usearch = values.usearch === undefined ? null : await usearchGraph(resolve(values.usearch))
  const parts = { graph, index, rows, slots }
  const lines: (string | number)[][] = []
  for (const ef of EFS) {
    bare.setEf(ef)
    const searchUsearch = usearch?.withEf(ef)
    const methods: Record<string, Search> = {
      service: async (i) =>
        nearest(await searchGraph(parts, queries[i]!, rowCount, { fetch: K, ef })),
      addon: async (i) => bare.searchKnn(plain[i]!, K).neighbors.map((key) => key - 1),
      ...(searchUsearch && { usearch: async (i) => searchUsearch(queries[i]!.vector, K) }),
    }
    const measured = await turnAndTurnAbout(methods, truth)
    const service = measured.service!.perSecond
    for (const [name, { recall, perSecond }] of Object.entries(measured)) {
      lines.push([ef, name, recall, perSecond, service / perSecond])
    }
  }
  const tables: Table[] = [
    {
      title: 'Recall@10 against queries a second, in process',
      columns: ['ef', '', 'recall@10', 'queries/s', 'service against it'],
      rows: lines,
    },
    {
      title: 'While the graph was made',
      columns: [
        ...['seconds', 'usearch: seconds without searches'],
        ...['exact searches by one caller', 'p50 ms', 'p99 ms'],
      ],
      rows: [
        [
          buildSeconds,
          usearch?.buildSeconds ?? '',
          exactMs.length,
          quantile(exactMs, 0.5),
          quantile(exactMs, 0.99),
        ],
      ],
    },
  ]
  writeReport(
    `approximate-${rowCount}x${dimensions}`,
    circumstances(
      `${rowCount} x ${dimensions}, 1000 gaussian clusters, unit length, seed ${SEED}`,
      `k ${K}, ${QUERIES} queries, M ${GRAPH_LINKS}, efConstruction ${GRAPH_EF_CONSTRUCTION}, median of ${ROUNDS} rounds, turn and turn about; ` +
        `service: ${CALLERS} searches at a time, the others: one after the other; load average ${loadavg()[0]!.toFixed(1)}`,
    ),
    tables,
  )
} finally {
  await Promise.all([threads.close(), owner.close()])
  rmSync(folder, { recursive: true })
}

function queryOf(made: Float32Array): VectorQuery {
  return { vector: made, k: K, radius: Number.POSITIVE_INFINITY, from: -1, allowed: null }
}

/** The K nearest rows of an answer, which may hold more at the same distance. */
function nearest({ rows: found, distances }: VectorAnswer): number[] {
  return [...found.keys()]
    .sort((a, b) => distances[a]! - distances[b]!)
    .slice(0, K)
    .map((i) => found[i]!)
}

function usearchGraph(installed: string): Promise<UsearchGraph> {
  const shape = { dimensions, links: GRAPH_LINKS, efConstruction: GRAPH_EF_CONSTRUCTION }
  const file = join(folder, 'usearch')
  return buildUsearchGraph(installed, file, shape, rowCount, (row) => rows.read(row).slice())
}

async function turnAndTurnAbout(
  methods: Readonly<Record<string, Search>>,
  truth: readonly ReadonlySet<number>[],
): Promise<Record<string, { recall: number; perSecond: number }>> {
  const speeds = new Map(Object.keys(methods).map((name) => [name, [] as number[]]))
  const right = new Map(Object.keys(methods).map((name) => [name, 0]))
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, method] of Object.entries(methods)) {
      let hits = 0
      const callers = name === 'service' ? CALLERS : 1
      const { perSecond } = await load(QUERIES, callers, async (i) => {
        for (const row of await method(i)) if (truth[i]!.has(row)) hits++
      })
      right.set(name, hits)
      if (round >= 0) speeds.get(name)!.push(perSecond)
    }
  }
  return Object.fromEntries(
    Object.keys(methods).map((name) => {
      const recall = right.get(name)! / (QUERIES * K)
      return [name, { recall, perSecond: quantile(speeds.get(name)!, 0.5) }]
    }),
  )
}
