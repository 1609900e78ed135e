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
  const [keys, freshAnswer] = await Promise.all([
    graph.search(query.vector, fetch, ef),
    fresh === null ? null : index.search({ ...query, allowed: fresh }, signal),
  ])
  const nearest = new NearestSoFar(index.space, query)
  const known: number[] = []
  let met = 0
  for (const key of keys) {
    // A row in use when the search began holds the same version still; no other row is allowed.
    const row = slots.rowOfKey(key)
    if (row === undefined || (allowed !== null && !hasBit(allowed, row))) continue
    met++
    // The graph may have got it meanwhile; it is decided below.
    if (fresh === null || !hasBit(fresh, row)) known.push(row)
  }
  const decided = [...known, ...(freshAnswer?.rows ?? [])]
  const squares = index.squares(query.vector, decided)
  for (const [i, row] of decided.entries()) nearest.decideBySquared(row, squares[i]!)
  const freshRows = fresh === null ? 0 : countBits(fresh)
  const tooFew = met < Math.min(k, allowedRows - freshRows)
  const levels = [{ name: 'graph', candidates: keys.length }]
  if (freshRows > 0) levels.push({ name: 'not in the graph yet', candidates: freshRows })
  return { ...nearest.answer(levels), short: tooFew || decided.length < Math.min(k, allowedRows) }
}
