// Measures the queries beside search: joins and what is built on them, counts and combined searches, on made vectors, in one
// run and in turns.
// usage: node dist/bench/queries.js [ROWS [DIMENSIONS]]
import { loadavg } from 'node:os'
import { countTables } from './support/count-bench.ts'
import { joinTables } from './support/join-bench.ts'
import { pairsTables } from './support/pairs-bench.ts'
import { circumstances, writeReport } from './support/report.ts'

const rows = Number(process.argv[2] ?? 50_000)
const dimensions = Number(process.argv[3] ?? 512)

writeReport(
  'queries',
  circumstances(
    `made: ${rows} x ${dimensions}, unit length`,
    `processor time, methods in turns; load average at the start ${loadavg()[0]!.toFixed(1)}`,
  ),
  [
    ...joinTables(rows, dimensions),
    ...(await countTables(rows, dimensions)),
    ...(await pairsTables(rows / 5, dimensions)),
  ],
)
