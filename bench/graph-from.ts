// Measures from how many records on a graph pays: 10-NN by the graph and exactly, in turns, in this process, by one
// caller and by eight.
// usage: node dist/bench/graph-from.js [RECORDS,RECORDS…] [DIMENSIONS,DIMENSIONS…]
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { GRAPH_EF_CONSTRUCTION, GRAPH_LINKS } from '../src/engine/embedded/graph/hnsw.ts'
import { CLUSTERED } from './support/clustered-vectors.ts'
import { GraphBench } from './support/graph-bench.ts'
import { GraphInProcess } from './support/graph-in-process.ts'
import { load } from './support/load.ts'
import { circumstances, quantile, writeReport } from './support/report.ts'

const K = 10
/** The service begins with this one. */
const EF = 64
const QUERIES = 100
const ROUNDS = 9
const sizes = (process.argv[2] ?? '2000,5000,10000,20000').split(',').map(Number)
const widths = (process.argv[3] ?? '128,512').split(',').map(Number)

const rows: (string | number)[][] = []
for (const dimensions of widths) {
  for (const records of sizes)
    rows.push([records, dimensions, ...(await measure(records, dimensions))])
}
writeReport(
  'graph-from',
  circumstances(
    `${CLUSTERED}, seed 1`,
    `k ${K}, ef ${EF}, M ${GRAPH_LINKS}, efConstruction ${GRAPH_EF_CONSTRUCTION}, ${QUERIES} queries, median of ${ROUNDS} rounds; load average ${loadavg()[0]!.toFixed(1)}`,
  ),
  [
    {
      title: 'By the graph and exactly',
      columns: [
        ...['records', 'dimensions', 'recall@10', 'graph made, s'],
        ...['one caller: exact, ms', 'graph, ms', 'exact / graph'],
        ...['eight callers: exact, queries/s', 'graph, queries/s', 'graph / exact'],
      ],
      rows,
    },
  ],
)

async function measure(records: number, dimensions: number): Promise<number[]> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'lookalike-bench-'))
  const bench = new GraphBench({ rows: records, dimensions, dataFolder, k: K, queries: QUERIES })
  const parts = new GraphInProcess(bench)
  try {
    await parts.fill()
    const making = await parts.makeGraph()
    const exact = (i: number) => parts.exact(bench.queries[i]!)
    const graph = (i: number) => parts.search(bench.queries[i]!, EF)
    let found = 0
    for (let i = 0; i < QUERIES; i++) {
      const near = new Set(await exact(i))
      for (const row of await graph(i)) if (near.has(row)) found++
    }
    const speeds = [[], [], [], []] as number[][]
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, [callers, search]] of (
        [
          [1, exact],
          [1, graph],
          [8, exact],
          [8, graph],
        ] as const
      ).entries()) {
        speeds[i]!.push((await load(QUERIES, callers, search)).perSecond)
      }
    }
    const [one, oneGraph, eight, eightGraph] = speeds.map((all) => quantile(all, 0.5)) as [
      number,
      number,
      number,
      number,
    ]
    return [
      ...[found / (QUERIES * K), making?.seconds ?? Number.NaN],
      ...[1000 / one, 1000 / oneGraph, oneGraph / one],
      ...[eight, eightGraph, eightGraph / eight],
    ]
  } finally {
    await parts.close()
    rmSync(dataFolder, { recursive: true })
  }
}
