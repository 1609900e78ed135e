// Measures the queries beside search: joins and what is built on them, on made vectors, in one run and in turns.
// usage: node dist/bench/queries.js [ROWS [DIMENSIONS]]
import { joinTables } from './support/join-bench.ts'
import { circumstances, writeReport } from './support/report.ts'

const rows = Number(process.argv[2] ?? 50_000)
const dimensions = Number(process.argv[3] ?? 512)

writeReport(
  'queries',
  circumstances(
    `made: ${rows} x ${dimensions}, unit length`,
    'processor time of one thread, methods in turns',
  ),
  [...joinTables(rows, dimensions)],
)
