// Measures the memory of a vector and the time of exact search, with whole vectors in memory and with codes alone.
// usage: node dist/bench/low-memory.js [ROWS [DIMENSIONS]]
import { VECTOR_MEMORIES } from '../src/engine/collection-spec.ts'
import { BYTES_A_VECTOR, MADE, measureLarge } from './support/large-collection.ts'
import { circumstances, writeReport } from './support/report.ts'

const rows = Number(process.argv[2] ?? 400_000)
const dimensions = Number(process.argv[3] ?? 512)

const measured = []
for (const memory of VECTOR_MEMORIES) {
  measured.push({ memory, ...(await measureLarge({ rows, dimensions, memory })) })
}
writeReport(
  `low-memory-${rows}x${dimensions}`,
  circumstances(
    `${rows} x ${dimensions}, ${MADE}`,
    `${BYTES_A_VECTOR}; after a start; no graph; 100 queries over HTTP, one caller, files in the page cache; ` +
      `MALLOC_TRIM_THRESHOLD_ ${process.env.MALLOC_TRIM_THRESHOLD_ ?? 'not set'}`,
  ),
  [
    {
      title: 'Memory',
      columns: ['in memory', 'bytes a vector', 'after the searches', 'build s', 'start s'],
      rows: measured.map((m) => [
        ...[m.memory, m.bytesARow, m.searchedBytesARow, m.buildSeconds, m.startSeconds],
      ]),
    },
    {
      title: 'Search',
      columns: ['in memory', 'query', 'p50 ms', 'p99 ms', 'candidates a level, mean'],
      rows: measured.flatMap(({ memory, nearest, range }) => [
        [memory, '10-NN', nearest.p50Ms, nearest.p99Ms, nearest.levels],
        [memory, 'range of about 10', range.p50Ms, range.p99Ms, range.levels],
      ]),
    },
  ],
)
