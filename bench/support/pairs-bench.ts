import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/config.ts'
import { openService } from '../../src/service/service.ts'
import { CLUSTERED, clusteredVectors } from './clustered-vectors.ts'
import type { Table } from './report.ts'

const NAME = 'pairs'
const ROWS_A_CALL = 2000
const ROUNDS = 5
const SEARCH = {
  radius: null,
  filter: null,
  groupBy: null,
  groupSize: 1,
  exactIndex: 'scan',
  accuracy: 'exact',
  include: [],
  cursor: null,
} as const

/** Measures what is asked about pairs of one collection in this process, beside plain searches. */
export async function pairsTables(count: number, dimensions: number): Promise<Table[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lookalike-bench-'))
  const service = await openService(loadConfig({}, { data: folder, graphFrom: '0' }))
  try {
    await service.collections.create({ name: NAME, dimensions, metric: 'cosine' })
    const collection = service.collections.get(NAME)
    const next = clusteredVectors(dimensions, 1)
    for (let i = 0; i < count; i += ROWS_A_CALL) {
      const some = Array.from({ length: Math.min(ROWS_A_CALL, count - i) }, (_, j) => {
        return { id: `record-${i + j}`, vector: next(), metadata: {} }
      })
      await collection.addVectors(some)
    }
    await new Promise((done) => setTimeout(done, 20_000))
    const { signal } = new AbortController()
    const query = (i: number) => ({
      positive: [{ kind: 'id', id: `record-${i * 97}` } as const],
      negative: [],
    })
    const closest = { radius: null, k: 100, filter: null, otherFilter: null }
    const works: Record<string, (i: number) => Promise<unknown>> = {
      'search for the 10 nearest': (i) =>
        collection.search({ ...SEARCH, query: query(i), k: 10, limit: 10 }),
      'reverse-search, k 10': (i) =>
        collection.pairs.reverseSearch(
          { query: query(i), k: 10, filter: null, limit: 1000 },
          signal,
        ),
      'the 100 closest pairs': () => taken(collection.pairs.join(closest, null, signal)),
      'hubs, k 10, of 500 records': () =>
        collection.pairs.hubs({ k: 10, filter: null, limit: 10, records: 500 }, signal),
    }
    const rows: [string, number][] = []
    for (const [name, work] of Object.entries(works)) {
      await work(ROUNDS)
      const before = process.cpuUsage()
      for (let i = 0; i < ROUNDS; i++) await work(i)
      const { user, system } = process.cpuUsage(before)
      rows.push([name, (user + system) / 1000 / ROUNDS])
    }
    const title = `A collection of ${count} x ${dimensions}, ${CLUSTERED}: processor time of all threads`
    return [{ title, columns: ['', 'ms'], rows }]
  } finally {
    await service.close()
    rmSync(folder, { recursive: true })
  }
}

async function taken(pairs: AsyncGenerator<unknown>): Promise<void> {
  for await (const _ of pairs);
}
