import type { TriangleBounds } from '../../vector/metric/bounds.ts'
import type { Item } from './search.ts'

/** Pivots are chosen again when there are this many times the objects they were chosen from. */
export const GROWTH = 4

/**
 * Chooses up to `count` pivots of maximal separation: each is the item farthest from its nearest
 * pivot so far (after Mico, Oncina and Vidal, LAESA, 1994, with the least in place of the sum of
 * distances, so that no duplicate of a pivot becomes one). Starts from the first item.
 *
 * @returns the pivots, and for each item its distances to them, which choosing has computed anyway.
 */
export function choosePivots<T>(
  items: readonly Item<T>[],
  count: number,
  between: (a: Item<T>, b: Item<T>) => number,
): { pivots: Item<T>[]; rows: Float64Array[] } {
  const wanted = Math.min(count, items.length)
  const rows = items.map(() => new Float64Array(wanted))
  const nearest = new Float64Array(items.length).fill(Number.POSITIVE_INFINITY)
  const pivots: Item<T>[] = []
  let next = 0
  while (pivots.length < wanted) {
    const pivot = items[next]!
    let farthest = 0
    for (let i = 0; i < items.length; i++) {
      const distance = between(pivot, items[i]!)
      rows[i]![pivots.length] = distance
      if (distance < nearest[i]!) nearest[i] = distance
      if (nearest[i]! > nearest[farthest]!) farthest = i
    }
    // Set below every distance, so that it is never chosen twice, also among duplicates.
    nearest[next] = -1
    pivots.push(pivot)
    next = nearest[farthest] === -1 ? nearest.findIndex((distance) => distance >= 0) : farthest
  }
  return { pivots, rows }
}

/** Gives the greatest lower bound that the pivots give for objects whose distances lie in the rings. */
export function pivotBound(
  query: Float64Array,
  low: Float64Array,
  high: Float64Array,
  bounds: TriangleBounds,
): number {
  let greatest = 0
  for (let i = 0; i < query.length; i++) {
    const bound = bounds.ring(query[i]!, low[i]!, high[i]!)
    if (bound > greatest) greatest = bound
  }
  return greatest
}
