// Measures approximate 10-NN: recall against queries a second. The methods are the graph of the service in this
// process (with its thread and canonical distances), the service over HTTP, the addon alone on the same graph, which
// it reads from the service's file, and usearch on a graph of its own. Exact searches are measured too, while the
// graph is made.
// usage: node dist/bench/approximate.js [--rows N] [--dimensions D] [--data FOLDER] [--usearch FOLDER]
// The FOLDER of --data is kept, and what is in it is not made again.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { GRAPH_EF_CONSTRUCTION, GRAPH_LINKS } from '../src/engine/embedded/graph/hnsw.ts'
import { addonCompiledFor } from '../src/engine/embedded/graph/processor.ts'
import { CLUSTERED } from './support/clustered-vectors.ts'
import { type Curve, writeCurves } from './support/curve-plot.ts'
import { GraphBench } from './support/graph-bench.ts'
import { GraphInProcess, type Making } from './support/graph-in-process.ts'
import {
  HTTP_ROUNDS_A_TURN,
  HTTP_TURNS,
  type MeasuredLoad,
  measureOverHttp,
  WARMING_ROUNDS,
} from './support/graph-over-http.ts'
import { load } from './support/load.ts'
import { circumstances, quantile, type Table, writeReport } from './support/report.ts'
import { buildUsearchGraph, type UsearchGraph } from './support/usearch-graph.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    dimensions: { type: 'string', default: '512' },
    data: { type: 'string' },
    usearch: { type: 'string' },
  },
})
type Search = (i: number) => Promise<Iterable<number>>

interface Method {
  readonly ef: number
  readonly method: string
  readonly search: Search
  /** The number of searches at a time. */
  readonly callers: number
}

const K = 10
const QUERIES = 500
const ROUNDS = 21
const UNMEASURED = 3
const EFS = [16, 24, 32, 64, 128]
/** The searches at one time in this process: enough for the thread of the graph to always have the next. */
const CALLERS = 32
const HTTP_CONNECTIONS = 8
const MORE_CONNECTIONS = [1, 2, 4, 12, 16]
const MORE_CONNECTIONS_EF = 16

const dataFolder = resolve(values.data ?? mkdtempSync(join(tmpdir(), 'lookalike-bench-')))
const bench = new GraphBench({
  rows: Number(values.rows),
  dimensions: Number(values.dimensions),
  dataFolder,
  k: K,
  queries: QUERIES,
})
const name = `approximate-${bench.rows}x${bench.dimensions}`
try {
  await bench.store()
  const { truth, making, measured } = await inProcess()
  const overHttp = await measureOverHttp(bench, truth, httpLoads())
  report(measured, overHttp)
  if (making !== null) reportMaking(making)
} finally {
  if (values.data === undefined) rmSync(dataFolder, { recursive: true })
}

interface Measured {
  readonly ef: number
  readonly method: string
  readonly recall: number
  readonly perSecond: number
  /** The service's speed divided by that of this method: the median over the rounds. */
  readonly serviceShare: number
}

async function inProcess() {
  const parts = new GraphInProcess(bench)
  try {
    await parts.fill()
    const making = await parts.makeGraph()
    const truth: ReadonlySet<number>[] = []
    for (const query of bench.queries) truth.push(new Set(await parts.exact(query)))
    const addon = parts.openAddon()
    const plain = bench.queries.map((query) => [...query])
    const usearch = values.usearch === undefined ? null : await usearchGraph(values.usearch)
    const methods = EFS.flatMap((ef): Method[] => {
      const searchUsearch = usearch?.withEf(ef)
      const service: Search = (i) => parts.search(bench.queries[i]!, ef)
      const bare: Search = async (i) => addon(plain[i]!, ef)
      return [
        { ef, method: 'service', search: service, callers: CALLERS },
        { ef, method: 'addon', search: bare, callers: 1 },
        ...(searchUsearch === undefined
          ? []
          : [
              {
                ef,
                method: 'usearch',
                callers: 1,
                search: async (i: number) => searchUsearch(bench.queries[i]!, K),
              },
            ]),
      ]
    })
    const measured = await measureInTurns(methods, truth)
    return { truth, making, measured }
  } finally {
    await parts.close()
  }
}

function usearchGraph(installed: string): Promise<UsearchGraph> {
  const { dimensions, rows, vectors } = bench
  const shape = { dimensions, links: GRAPH_LINKS, efConstruction: GRAPH_EF_CONSTRUCTION }
  const file = join(dataFolder, 'usearch')
  return buildUsearchGraph(resolve(installed), file, shape, rows, (row) => vectors[row]!)
}

/** Runs all methods and settings within each round, so that a machine that is slow for a while is slow for them all. */
async function measureInTurns(
  methods: readonly Method[],
  truth: readonly ReadonlySet<number>[],
): Promise<Measured[]> {
  const speeds = methods.map(() => [] as number[])
  const correct = methods.map(() => 0)
  for (let round = -UNMEASURED; round < ROUNDS; round++) {
    for (const [at, { search, callers }] of methods.entries()) {
      let hits = 0
      const { perSecond } = await load(QUERIES, callers, async (i) => {
        for (const row of await search(i)) if (truth[i]!.has(row)) hits++
      })
      correct[at] = hits
      if (round >= 0) speeds[at]!.push(perSecond)
    }
  }
  return methods.map(({ ef, method }, at) => {
    const service = methods.findIndex((other) => other.ef === ef && other.method === 'service')
    const shares = speeds[service]!.map((speed, round) => speed / speeds[at]![round]!)
    return {
      ef,
      method,
      recall: correct[at]! / (QUERIES * K),
      perSecond: quantile(speeds[at]!, 0.5),
      serviceShare: quantile(shares, 0.5),
    }
  })
}

function httpLoads() {
  return [
    ...EFS.map((ef) => ({ form: 'base64' as const, ef, connections: HTTP_CONNECTIONS })),
    ...MORE_CONNECTIONS.map((connections) => {
      return { form: 'base64' as const, ef: MORE_CONNECTIONS_EF, connections }
    }),
    ...[HTTP_CONNECTIONS, 16].map((connections) => {
      return { form: 'list' as const, ef: MORE_CONNECTIONS_EF, connections }
    }),
  ]
}

function report(measured: readonly Measured[], overHttp: readonly MeasuredLoad[]): void {
  const tables: Table[] = [
    {
      title: 'Recall@10 against queries a second, in process',
      columns: ['ef', '', 'recall@10', 'queries/s', 'service against it'],
      rows: measured.map(({ ef, method, recall, perSecond, serviceShare }) => {
        return [ef, method, recall, perSecond, serviceShare]
      }),
    },
    {
      title: 'Over HTTP, by vector, load generator on the same cores',
      columns: ['ef', 'vector as', 'connections', 'recall@10', 'queries/s', 'p50 ms', 'p99 ms'],
      rows: overHttp.map(({ form, ef, connections, recall, perSecond, p50Ms, p99Ms }) => {
        return [ef, form, connections, recall, perSecond, p50Ms, p99Ms]
      }),
    },
  ]
  writeReport(
    name,
    circumstances(
      `${bench.rows} x ${bench.dimensions}, ${CLUSTERED}, seed ${bench.seed}`,
      `k ${K}, ${QUERIES} queries, M ${GRAPH_LINKS}, efConstruction ${GRAPH_EF_CONSTRUCTION}; addon compiled ${addonCompiledFor()?.flags ?? 'for every processor'}; in process: medians of ${ROUNDS} rounds in turns, and of each round's ratio; ` +
        `service: ${CALLERS} searches at a time, the others: one after the other; over HTTP: one request at a time on each connection, medians of ${HTTP_TURNS} turns of ${HTTP_ROUNDS_A_TURN} rounds, ${WARMING_ROUNDS} rounds unmeasured; load average ${loadavg()[0]!.toFixed(1)}`,
    ),
    tables,
  )
  const methods = [...new Set(measured.map(({ method }) => method))]
  const curves: Curve[] = methods.map((method) => {
    const points = measured.filter((point) => point.method === method)
    return { name: method === 'service' ? 'service, in process' : method, points }
  })
  const points = overHttp.filter(({ connections }) => connections === HTTP_CONNECTIONS)
  curves.push({ name: 'service, over HTTP', points: points.slice(0, EFS.length) })
  writeCurves(name, `${bench.rows} x ${bench.dimensions}, clustered, k ${K}`, curves)
}

function reportMaking({ seconds, exactMs }: Making): void {
  writeReport(
    `graph-making-${bench.rows}x${bench.dimensions}`,
    circumstances(
      `${bench.rows} x ${bench.dimensions}, ${CLUSTERED}, seed ${bench.seed}`,
      `M ${GRAPH_LINKS}, efConstruction ${GRAPH_EF_CONSTRUCTION}; exact 10-NN by one caller all the time`,
    ),
    [
      {
        title: 'Exact searches while the graph is made',
        columns: ['seconds', 'searches', 'p50 ms', 'p99 ms'],
        rows: [[seconds, exactMs.length, quantile(exactMs, 0.5), quantile(exactMs, 0.99)]],
      },
    ],
  )
}
