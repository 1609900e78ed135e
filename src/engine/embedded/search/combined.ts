import { AppError, shown } from '../../../errors.ts'
import { Nearest } from '../../../index/scan/nearest.ts'
import { allEnded } from '../../../scheduling/all-ended.ts'
import { nextTurn } from '../../../scheduling/next-turn.ts'
import { hasBit, setBit, sharedBits } from '../../../vector/bitset.ts'
import { searchName } from '../../cursor.ts'
import type { CombinedQuery, EngineQuery } from '../../query.ts'
import type { GenerationParts, RecordReads } from '../generation-parts.ts'
import { allowedRows } from '../rows/allowed-rows.ts'
import type { GenerationRows } from '../rows/generation-rows.ts'
import { pinned } from '../rows/pinned.ts'
import type { Found } from './generation-search.ts'
import { hitsOf } from './hits.ts'
import { EmbeddingOrder, FingerprintOrder, type IncrementalOrder } from './incremental-order.ts'

interface Searched {
  readonly spec: { readonly metric: GenerationParts['index']['space'] }
  readonly rows: GenerationRows
  readonly records: Pick<RecordReads, 'matching'>
  readonly index: GenerationParts['index']
}

/** Rows read of each order at once: few at first, then ever more; all where there are few, since each read takes a turn of a thread. */
const LEAST_ROWS = 32
const FEW_ROWS = 1024
const MOST_ROWS = 16_384
/** Rows whose distances are computed before other work gets its turn: about 1 ms. */
const DISTANCES_A_TURN = 1024

/**
 * Finds the records of the least combined distance, exactly: reads the order of each part in turn, computes the combined distance of
 * what it meets, and ends when no record that no order has come to can be among the answers (the threshold algorithm:
 * Fagin, Lotem and Naor, Optimal aggregation algorithms for middleware, PODS 2001; for metric spaces Ciaccia, Patella and
 * Zezula, Processing complex similarity queries with distance-based access methods, EDBT 1998).
 *
 * Sums, maxima and minima of rounded products grow with each distance, rounded or not, so that the threshold is a lower bound
 * of every combined distance that was not computed. Where it equals the k-th, an id may still decide, and more is read.
 */
export function combinedHits(
  { spec, rows, records, index }: Searched,
  query: EngineQuery,
  { parts, combine }: CombinedQuery,
  k: number,
  signal?: AbortSignal,
): Promise<Found> {
  return pinned(rows, async () => {
    const { bits: allowed, count } = await allowedRows(rows, records, query, signal)
    // Not before: the filter may have let through rows that were written meanwhile, of which earlier scans knew nothing.
    const { changes } = rows
    const started = performance.now()
    const bitsOf = parts.map((part) => (part.by === 'fingerprint' ? bitsFrom(rows, part.id) : null))
    const orders: IncrementalOrder[] = []
    for (const [i, part] of parts.entries()) {
      if (part.by === 'fingerprint') {
        orders.push(await FingerprintOrder.of(allowed, bitsOf[i]!, signal))
        continue
      }
      const name = `${changes}/${searchName(part.vector, ['combined'])}`
      const from = { index, vectors: rows.vectors, space: spec.metric, name }
      orders.push(new EmbeddingOrder(from, part.vector, allowed))
    }
    const total = combiner(parts, combine)
    const radius = query.radius ?? Number.POSITIVE_INFINITY
    const nearest = new Nearest(k, radius)
    const seen = sharedBits(rows.vectors.count)
    let met = 0
    const first = count <= FEW_ROWS ? count + 1 : LEAST_ROWS
    for (let step = first; ; step = Math.min(2 * step, MOST_ROWS)) {
      const unread = orders.filter(({ reached }) => reached !== Number.POSITIVE_INFINITY)
      for (const read of await allEnded(unread.map((order) => order.next(step, signal)))) {
        for (let from = 0; from < read.length; from += DISTANCES_A_TURN) {
          if (from > 0) await nextTurn(signal)
          const some = Array.from(read.slice(from, from + DISTANCES_A_TURN))
          const found = some.filter((row) => !hasBit(seen, row))
          for (const row of found) setBit(seen, row)
          met += found.length
          const distances = await Promise.all(orders.map((one) => one.distances(found)))
          found.forEach((row, i) => {
            const combined = total((part) => distances[part]![i]!)
            if (combined < Number.POSITIVE_INFINITY) nearest.add(row, combined)
          })
        }
      }
      nearest.settle()
      const threshold = total((part) => Math.max(0, orders[part]!.reached))
      const isFull = nearest.count >= k && nearest.bound < threshold
      if (isFull || threshold > radius || threshold === Number.POSITIVE_INFINITY) break
    }
    const levels = orders.map(({ read }, i) => ({ name: `order ${i + 1}`, candidates: read }))
    const explain = {
      plan: `combined by ${combine}`,
      levels: [...levels, { name: 'combined', candidates: met }],
      distances: met * orders.length,
      measuredMs: performance.now() - started,
    }
    const answer = { ...nearest.finish(), levels }
    return { hits: hitsOf(rows.slots, answer, { after: null, k }), exact: true, explain }
  })
}

/** Combines the weighted distances of the parts, always in their order, so that the sum is the same for all. */
function combiner(
  parts: CombinedQuery['parts'],
  combine: CombinedQuery['combine'],
): (distanceOf: (part: number) => number) => number {
  return (distanceOf) => {
    let combined = combine === 'min' ? Number.POSITIVE_INFINITY : 0
    for (let i = 0; i < parts.length; i++) {
      const weighted = parts[i]!.weight * distanceOf(i)
      if (combine === 'sum') combined += weighted
      else if (combine === 'max') combined = Math.max(combined, weighted)
      else combined = Math.min(combined, weighted)
    }
    return combined
  }
}

function bitsFrom(rows: GenerationRows, id: string): (row: number) => number {
  const bitsOf = rows.fingerprintBits(id)
  if (bitsOf !== null) return bitsOf
  throw new AppError(
    'INVALID_REQUEST',
    `/query/all: expected a record that has a fingerprint beside by "fingerprint", got ${shown(id)}, which has none`,
  )
}
