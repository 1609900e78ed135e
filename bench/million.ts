// Measures the time and memory of a large collection, which is built, started again, and searched exactly.
// usage: node dist/bench/million.js [ROWS [DIMENSIONS [float32|codes]]]
import { VECTOR_MEMORIES } from '../src/engine/collection-spec.ts'
import { BYTES_A_VECTOR, MADE, measureLarge } from './support/large-collection.ts'
import { circumstances, writeReport } from './support/report.ts'

const rows = Number(process.argv[2] ?? 1_000_000)
const dimensions = Number(process.argv[3] ?? 256)
const memory = VECTOR_MEMORIES.find((known) => known === process.argv[4]) ?? 'float32'

const m = await measureLarge({ rows, dimensions, memory })
writeReport(
  `million-${rows}x${dimensions}-${memory}`,
  circumstances(
    `${rows} x ${dimensions}, ${MADE}`,
    `memory "${memory}"; built by four callers in calls of 2000 without HTTP; no graph (LOOKALIKE_GRAPH_FROM=0), which would be built beside the searches; 100 queries over HTTP, one caller; ${BYTES_A_VECTOR}`,
  ),
  [
    {
      title: 'Built and started',
      columns: [
        ...['build s', 'rows a second', 'start until ready s', 'until all is coded s'],
        ...['event loop held at most: loading, searching, ms'],
        ...['resident MB', 'bytes a vector'],
      ],
      rows: [
        [
          ...[m.buildSeconds, rows / m.buildSeconds, m.startSeconds, m.codedSeconds],
          `${Math.round(m.startLagMs)}, ${Math.round(m.searchLagMs)}`,
          ...[m.startBytes / 1e6, m.bytesARow],
        ],
      ],
    },
    {
      title: 'Search',
      columns: ['query', 'p50 ms', 'p99 ms', 'candidates a level, mean'],
      rows: [
        ['10-NN', m.nearest.p50Ms, m.nearest.p99Ms, m.nearest.levels],
        ['range of about 10', m.range.p50Ms, m.range.p99Ms, m.range.levels],
      ],
    },
  ],
)
