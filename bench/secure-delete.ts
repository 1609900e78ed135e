// Measures what `secure_delete` costs the writer: processor time and bytes written of adding, replacing and deleting
// records, with it and without it in turns, so that the state of the machine is the same for both.
// usage: node dist/bench/secure-delete.js [--turns 5]

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openForWriting } from '../src/engine/embedded/store/database.ts'
import { commitTogether } from '../src/engine/embedded/store/group-commit.ts'
import { WriteOperations } from '../src/engine/embedded/store/write-operations.ts'
import { sampleSpec, vectorOf } from '../test/support/sample-records.ts'
import { circumstances, quantile, writeReport } from './support/report.ts'

const { values } = parseArgs({ options: { turns: { type: 'string', default: '5' } } })
const turns = Number(values.turns)
const RECORDS = 2000
const DIMENSIONS = 512
const CONTENT_BYTES = 20_000
const A_COMMIT = 8
const WORKS = ['add', 'replace', 'delete'] as const
const AT = '2026-01-01T00:00:00.000Z'
const MODES = ['ON', 'OFF'] as const

interface Cost {
  readonly cpuMs: number
  readonly bytes: number
}

const costs = new Map<string, Cost[]>()
for (let turn = 0; turn < turns; turn++) {
  // Whoever comes first is another in every turn.
  for (const mode of turn % 2 === 0 ? MODES : MODES.toReversed()) {
    for (const [work, cost] of Object.entries(measure(mode, turn))) {
      const key = `${work} ${mode}`
      costs.set(key, [...(costs.get(key) ?? []), cost])
    }
  }
}

const rows = WORKS.map((work) => {
  const [on, off] = MODES.map((mode) => {
    const all = costs.get(`${work} ${mode}`)!
    const median = (of: (cost: Cost) => number) => quantile(all.map(of), 0.5)
    return { cpu: median(({ cpuMs }) => cpuMs), bytes: median(({ bytes }) => bytes) }
  }) as [{ cpu: number; bytes: number }, { cpu: number; bytes: number }]
  return [
    ...[work, on.cpu, off.cpu, on.cpu / off.cpu],
    ...[on.bytes / 1e6, off.bytes / 1e6, on.bytes / off.bytes],
  ]
})
writeReport(
  'secure-delete',
  circumstances(
    `${RECORDS} records of ${DIMENSIONS} numbers and ${CONTENT_BYTES} bytes of content`,
    `${A_COMMIT} records a commit, by the operations of the writer, and the log read into the database at the end; medians of ${turns} turns, with and without taking turns`,
  ),
  [
    {
      title: 'Cost of secure_delete',
      columns: [
        ...['work', 'processor ms', 'without', 'ratio'],
        ...['MB written', 'without', 'ratio'],
      ],
      rows,
    },
  ],
)

function measure(mode: (typeof MODES)[number], turn: number): Record<string, Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'lookalike-bench-'))
  const database = openForWriting(join(folder, 'lookalike.sqlite'))
  try {
    database.pragma(`secure_delete = ${mode}`)
    const operations = new WriteOperations(database)
    const spec = sampleSpec({ dimensions: DIMENSIONS })
    const { key: collection } = operations.createCollection({ spec, at: AT })
    const ids = Array.from({ length: RECORDS }, (_, i) => `r${i}`)
    const keys: number[] = []
    const commit = (run: (id: string, i: number) => void) => {
      for (let first = 0; first < RECORDS; first += A_COMMIT) {
        const changes = ids.slice(first, first + A_COMMIT).map((id, at) => {
          return { call: at, name: 'change', run: () => run(id, first + at) }
        })
        const replies = commitTogether(database, changes, () => operations.stampSeq())
        const failed = replies.find((reply) => 'error' in reply)
        if (failed) throw new Error(JSON.stringify(failed))
      }
      database.pragma('wal_checkpoint(TRUNCATE)')
    }
    const put = (seed: number) => (id: string, i: number) => {
      const vector = vectorOf(`${id}/${seed}`, DIMENSIONS)
      const content = {
        mediaType: 'image/jpeg',
        bytes: new Uint8Array(CONTENT_BYTES).fill(i + seed),
      }
      const record = { id, vector, metadata: '{"label":"shoe"}', image: null, content }
      keys[i] = operations.put({ collection, record, at: AT }).key
    }
    return {
      add: costOf(() => commit(put(turn))),
      replace: costOf(() => commit(put(turn + 1))),
      delete: costOf(() =>
        commit((_id, i) => operations.deleteKeys({ collection, keys: [keys[i]!] })),
      ),
    }
  } finally {
    database.close()
    rmSync(folder, { recursive: true })
  }
}

function costOf(work: () => void): Cost {
  const bytesBefore = bytesWritten()
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return { cpuMs: (user + system) / 1000, bytes: bytesWritten() - bytesBefore }
}

/** Reads how many bytes this process gave to the kernel to write. */
function bytesWritten(): number {
  return Number(/wchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1])
}
