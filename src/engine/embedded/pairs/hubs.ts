import { mapBounded } from '../../../scheduling/map-bounded.ts'
import { drawIndices, seededRandom } from '../../../vector/random.ts'
import { compareIds } from '../../collection-spec.ts'
import type { Hub, HubsAnswer, HubsQuery } from '../../pairs.ts'
import { pinned } from '../rows/pinned.ts'
import type { RowSlots } from '../rows/row-slots.ts'
import { hitsOf } from '../search/hits.ts'
import { byIds } from './id-ranks.ts'
import { rowsIn, rowsOfMoment } from './joined-rows.ts'
import type { PairsSearched } from './reverse-search.ts'

const SEARCHES_AT_ONCE = 16
const SEED = 1

/**
 * Counts how often each record is among the k nearest of others (Radovanović, Nanopoulos and Ivanović, Hubs in Space, JMLR
 * 2010: k-occurrences), by a search for each record that is asked.
 * @throws QUEUE_FULL, THREAD_FAILED, and what `signal` aborts with.
 */
export async function hubs(
  { index, threads, rows, records }: PairsSearched,
  { k, filter, limit, records: most }: HubsQuery,
  signal: AbortSignal,
): Promise<HubsAnswer> {
  const leave = threads.enter()
  try {
    return await pinned(rows, async () => {
      const moment = await rowsOfMoment(rows, records, filter, signal)
      const { allowed, count, view } = moment
      const all = rowsIn(moment)
      const asked = drawIndices(count, Math.min(count, most ?? count), seededRandom(SEED))
      const counts = new Uint32Array(view.count)
      const { slots } = rows
      await mapBounded(asked, SEARCHES_AT_ONCE, async (place) => {
        signal.throwIfAborted()
        const row = all[place]!
        const vector = await rows.vectors.read(row)
        // The record itself is among them, or k others tie with it.
        const query = { vector, k: k + 1, radius: Number.POSITIVE_INFINITY, from: -1, allowed }
        const answer = await index.search(query, signal)
        const hits = hitsOf(slots, answer, { after: null, k: k + 1 })
        const others = hits.filter(({ key }) => key !== slots.key(row)).slice(0, k)
        for (const { key } of others) counts[slots.rowOfKey(key)!]!++
      })
      return {
        hubs: await hubsOf(slots, all, counts, limit, signal),
        records: asked.length,
        ...spread(all, counts),
        complete: asked.length === count,
      }
    })
  } finally {
    leave()
  }
}

/** Gives the records of the largest counts, and of those with equal ones the earliest. */
async function hubsOf(
  slots: RowSlots,
  rows: Uint32Array,
  counts: Uint32Array,
  limit: number,
  signal: AbortSignal,
): Promise<readonly Hub[]> {
  const sorted = rows.map((row) => counts[row]!).sort()
  const least = Math.max(1, sorted[Math.max(0, sorted.length - limit)] ?? 0)
  const above = rows.filter((row) => counts[row]! > least)
  const ties = rows.filter((row) => counts[row] === least)
  const earliest = (await byIds(slots, ties, signal)).subarray(0, limit - above.length)
  // Only these are named: there may be a million others.
  const hubs = [...above, ...earliest].map((row) => ({ id: slots.id(row), count: counts[row]! }))
  return hubs.sort((a, b) => b.count - a.count || compareIds(a.id, b.id))
}

function spread(rows: Uint32Array, counts: Uint32Array): Pick<HubsAnswer, 'never' | 'skewness'> {
  let [never, sum] = [0, 0]
  for (const row of rows) {
    if (counts[row] === 0) never++
    sum += counts[row]!
  }
  const mean = sum / rows.length
  let [second, third] = [0, 0]
  for (const row of rows) {
    second += (counts[row]! - mean) ** 2
    third += (counts[row]! - mean) ** 3
  }
  const deviation = Math.sqrt(second / rows.length)
  return { never, skewness: deviation > 0 ? third / rows.length / deviation ** 3 : 0 }
}
