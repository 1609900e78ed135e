import type { ApproximateIndex } from '../../../index/graph/approximate-index.ts'
import type { GraphOffer } from '../../../index/planner/planner.ts'
import type { RowAnswer, RowIndex, RowQuery } from '../../../index/row-index.ts'
import { NearestSoFar } from '../../../index/scan/nearest-so-far.ts'
import { countBits, hasBit } from '../../../vector/bitset.ts'
import type { RowSlots } from '../rows/row-slots.ts'

interface Parts {
  readonly graph: ApproximateIndex
  /** Searches what the graph does not have yet, and knows the distances of the rest. */
  readonly index: RowIndex
  readonly slots: RowSlots
}

/** `short`: fewer than k, although that many of the allowed rows are there. */
export interface GraphAnswer extends RowAnswer {
  readonly short: boolean
}

/**
 * Finds most of the nearest by a graph that is ready, and what is too new for it exactly; every distance is the canonical
 * one. Call it while the rows are pinned, in the turn in which `query.allowed` was made; that allows `allowedRows`.
 */
export async function searchGraph(
  { graph, index, slots }: Parts,
  query: RowQuery,
  allowedRows: number,
  { fetch, ef }: GraphOffer,
  signal?: AbortSignal,
): Promise<GraphAnswer> {
  const { allowed, k } = query
  const fresh = graph.fresh(allowed)
  const [found, freshAnswer] = await Promise.all([
    graph.search(query.vector, fetch, ef),
    fresh === null ? null : index.search({ ...query, allowed: fresh }, signal),
  ])
  const { keys, ends } = found
  const rows: number[] = []
  /** One row of each vector, and the place in them of the vector of each row. */
  const firsts: number[] = []
  const vectors: number[] = []
  let met = 0
  for (let i = 0, vector = -1, end = 0, isFirst = true; i < keys.length; i++) {
    if (i === end) {
      vector++
      end = ends === null ? i + 1 : ends[vector]!
      isFirst = true
    }
    // A row in use when the search began holds the same version still; no other row is allowed.
    const row = slots.rowOfKey(keys[i]!)
    if (row === undefined || (allowed !== null && !hasBit(allowed, row))) continue
    met++
    // The graph may have got it meanwhile; it is decided below.
    if (fresh !== null && hasBit(fresh, row)) continue
    if (isFirst) firsts.push(row)
    isFirst = false
    rows.push(row)
    vectors.push(firsts.length - 1)
  }
  for (const row of freshAnswer?.rows ?? []) {
    rows.push(row)
    vectors.push(firsts.push(row) - 1)
  }
  const nearest = new NearestSoFar(index.space, query)
  const squares = index.squares(query.vector, firsts)
  for (let i = 0; i < rows.length; i++) nearest.decideBySquared(rows[i]!, squares[vectors[i]!]!)
  const freshRows = fresh === null ? 0 : countBits(fresh)
  const tooFew = met < Math.min(k, allowedRows - freshRows)
  const levels = [{ name: 'graph', candidates: (ends ?? keys).length }]
  if (freshRows > 0) levels.push({ name: 'not in the graph yet', candidates: freshRows })
  return { ...nearest.answer(levels), short: tooFew || rows.length < Math.min(k, allowedRows) }
}
