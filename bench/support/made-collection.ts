import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Collection } from '../../src/collection/collection.ts'
import type { QueryExample, SearchRequest } from '../../src/collection/requests.ts'
import { loadConfig } from '../../src/config/config.ts'
import { openService } from '../../src/service/service.ts'

const NAME = 'made'
const ROWS_A_CALL = 2000
/** What the codes of a collection may take: a hundred times what those of 50,000 records do on an idle machine. */
const MAX_CODING_MS = 30 * 60_000

/** A search of the scan for the exact nearest, but for what it is a search for. */
export const EXACT = {
  filter: null,
  groupBy: null,
  groupSize: 1,
  exactIndex: 'scan',
  accuracy: 'exact',
  include: ['explain'],
  cursor: null,
} satisfies Partial<SearchRequest>

/** Has a collection of made vectors in this process, once nearly all of them have codes. */
export async function withCollection<T>(
  count: number,
  dimensions: number,
  next: () => Float32Array,
  use: (collection: Collection) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lookalike-bench-'))
  const service = await openService(loadConfig({}, { data: folder, graphFrom: '0' }))
  try {
    await service.collections.create({ name: NAME, dimensions, metric: 'cosine' })
    const collection = service.collections.get(NAME)
    for (let i = 0; i < count; i += ROWS_A_CALL) {
      const some = Array.from({ length: Math.min(ROWS_A_CALL, count - i) }, (_, j) => {
        return { id: `record-${i + j}`, vector: next(), metadata: {} }
      })
      await collection.addVectors(some)
    }
    await coded(collection, count)
    return await use(collection)
  } finally {
    await service.close()
    rmSync(folder, { recursive: true })
  }
}

/** Searches by the records, one after the other. */
export function byRecord(i: number): {
  readonly positive: readonly QueryExample[]
  readonly negative: readonly QueryExample[]
} {
  return { positive: [{ kind: 'id', id: `record-${i}` }], negative: [] }
}

async function coded(collection: Collection, count: number): Promise<void> {
  const request = { ...EXACT, query: byRecord(0), radius: null, k: 10, limit: 10 }
  const end = Date.now() + MAX_CODING_MS
  for (;;) {
    const { explain } = await collection.search(request)
    const floats = explain!.levels.find(({ name }) => name === 'float32')?.candidates
    if (floats !== undefined && floats < count / 20) return
    if (Date.now() > end) {
      throw new Error(`${floats} of ${count} records are still searched without codes`)
    }
    await new Promise((done) => setTimeout(done, 500))
  }
}

/** Milliseconds of processor time that work takes, of all threads. */
export async function processorMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
