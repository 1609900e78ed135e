import type { Collection } from '../../src/collection/collection.ts'
import { COMBINATIONS } from '../../src/engine/query.ts'
import { squaredEuclidean } from '../../src/vector/squared-euclidean.ts'
import { CLUSTERED, clusteredVectors } from './clustered-vectors.ts'
import { byRecord, EXACT, processorMs, withCollection } from './made-collection.ts'
import { quantile, type Table } from './report.ts'

const ROUNDS = 9
/** The most that one page of a list has. */
const PAGE = 10_000
const SHARES = [0.5, 0.1, 0.01]
const K = 10

/** Measures counts within a radius beside listing, and what combined searches read, in a collection in this process. */
export function countTables(count: number, dimensions: number): Promise<Table[]> {
  const next = clusteredVectors(dimensions, 1)
  const vectors = Array.from({ length: count }, next)
  const all = vectors.values()
  return withCollection(
    count,
    dimensions,
    () => all.next().value!,
    async (collection) => {
      const radii = Array.from({ length: ROUNDS }, (_, round) => {
        const query = vectors[queryOf(round, count)]!
        const distances = Float64Array.from(vectors, (row) => squaredEuclidean(query, row) / 2)
        return distances.sort()
      })
      const counts: (string | number)[][] = []
      for (const share of SHARES) {
        const place = Math.ceil(share * count) - 1
        counts.push(await countRow(collection, share, (round) => radii[round]![place]!))
      }
      return [
        {
          title: `Records within a radius, ${count} x ${dimensions}, ${CLUSTERED}: processor time of all threads, medians of ${ROUNDS} queries in turns`,
          columns: [
            'share within',
            `list, pages of ${PAGE}, ms`,
            'count, ms',
            'times faster',
            'decided by vectors',
          ],
          rows: counts,
        },
        {
          title: `The ${K} nearest of two records at once, in the same collection: rows read of both orders, means of ${ROUNDS} queries`,
          columns: ['combined by', 'two of one cluster', 'two of different clusters'],
          rows: await combinedRows(collection, count),
        },
      ]
    },
  )
}

function queryOf(round: number, count: number): number {
  return Math.floor((round * count) / ROUNDS)
}

async function countRow(
  collection: Collection,
  share: number,
  radiusOf: (round: number) => number,
): Promise<(string | number)[]> {
  const lists: number[] = []
  const counts: number[] = []
  let vectors = 0
  for (let round = -1; round < ROUNDS; round++) {
    const query = byRecord(queryOf(Math.max(0, round), collection.count))
    const radius = radiusOf(Math.max(0, round))
    let listed = 0
    let counted = 0
    const listMs = await processorMs(async () => {
      let cursor: string | null = null
      do {
        const page = await collection.search({
          ...EXACT,
          ...{ query, radius, cursor, k: null, limit: PAGE, include: [] },
        })
        listed += page.matches.length
        cursor = page.cursor
      } while (cursor !== null)
    })
    const countMs = await processorMs(async () => {
      const within = { query, radius }
      const answer = await collection.countRecords({ within, filter: null, explain: true })
      counted = answer.count
      vectors += answer.explain!.levels.find(({ name }) => name === 'float32')!.candidates
    })
    if (listed !== counted) throw new Error(`expected ${listed} records, got ${counted}`)
    if (round < 0) vectors = 0
    else {
      lists.push(listMs)
      counts.push(countMs)
    }
  }
  const [list, count] = [quantile(lists, 0.5), quantile(counts, 0.5)]
  const decided = `${((100 * vectors) / ROUNDS / collection.count).toPrecision(2)} %`
  return [`${100 * share} %`, list, count, list / count, decided]
}

async function combinedRows(collection: Collection, count: number): Promise<(string | number)[][]> {
  const rows: (string | number)[][] = []
  for (const combine of COMBINATIONS) {
    const shares: string[] = []
    for (const isNear of [true, false]) {
      let read = 0
      for (let round = 0; round < ROUNDS; round++) {
        const query = byRecord(queryOf(round, count))
        const nearest = { ...EXACT, query, radius: null, k: 1, limit: 1 }
        const { matches } = await collection.search(nearest)
        const other = isNear ? matches[0]!.id : `record-${queryOf(round, count) + 1}`
        const parts = [query, { positive: [{ kind: 'id', id: other }], negative: [] } as const].map(
          (one) => ({ query: one, weight: 1, by: 'embedding' as const }),
        )
        const request = { ...EXACT, query, radius: null, k: K, limit: K }
        const answer = await collection.search({ ...request, combined: { parts, combine } })
        for (const { name, candidates } of answer.explain!.levels) {
          if (name.startsWith('order')) read += candidates
        }
      }
      shares.push(`${((100 * read) / ROUNDS / count / 2).toPrecision(2)} %`)
    }
    rows.push([combine, ...shares])
  }
  return rows
}
