import { CLUSTERED, clusteredVectors } from './clustered-vectors.ts'
import { byRecord, EXACT, processorMs, withCollection } from './made-collection.ts'
import type { Table } from './report.ts'

const ROUNDS = 5

/** Measures what is asked about pairs of one collection in this process, beside plain searches. */
export function pairsTables(count: number, dimensions: number): Promise<Table[]> {
  return withCollection(count, dimensions, clusteredVectors(dimensions, 1), async (collection) => {
    const { signal } = new AbortController()
    const query = (i: number) => byRecord(i * 97)
    const closest = { radius: null, k: 100, filter: null, otherFilter: null }
    const works: Record<string, (i: number) => Promise<unknown>> = {
      'search for the 10 nearest': (i) =>
        collection.search({
          ...EXACT,
          ...{ query: query(i), radius: null, k: 10, limit: 10, include: [] },
        }),
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
      const ms = await processorMs(async () => {
        for (let i = 0; i < ROUNDS; i++) await work(i)
      })
      rows.push([name, ms / ROUNDS])
    }
    const title = `A collection of ${count} x ${dimensions}, ${CLUSTERED}: processor time of all threads`
    return [{ title, columns: ['', 'ms'], rows }]
  })
}

async function taken(pairs: AsyncGenerator<unknown>): Promise<void> {
  for await (const _ of pairs);
}
