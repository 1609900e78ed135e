import type { TriangleBounds } from '../../vector/metric/bounds.ts'
import { drawIndices, type Random } from '../../vector/random.ts'
import type { Item } from './search.ts'

/** Pivots are chosen again when there are this many times the objects they were chosen from. */
export const GROWTH = 4

/**
 * How pivots are chosen. Farthest first: each is the item farthest from its nearest pivot so far, so that no
 * duplicate of a pivot becomes one. Maximal separation: each has the greatest sum of distances to the pivots so
 * far (Mico, Oncina and Vidal, LAESA, 1994). Both start from the first item.
 */
export type PivotChoice =
  | { readonly kind: 'farthest-first' | 'maximal-separation' }
  | { readonly kind: 'random'; readonly random: Random }

export const FARTHEST_FIRST: PivotChoice = { kind: 'farthest-first' }

/**
 * Chooses up to `count` pivots.
 *
 * @returns the pivots, and for each item its distances to them, which choosing has computed anyway.
 */
export function choosePivots<T>(
  items: readonly Item<T>[],
  count: number,
  between: (a: Item<T>, b: Item<T>) => number,
  choice: PivotChoice = FARTHEST_FIRST,
): { pivots: Item<T>[]; rows: Float64Array[] } {
  const wanted = Math.min(count, items.length)
  const rows = items.map(() => new Float64Array(wanted))
  const drawn = choice.kind === 'random' ? drawIndices(items.length, wanted, choice.random) : null
  const sums = choice.kind === 'maximal-separation'
  /** The least, or the sum, of the distances to the pivots; -1 of a pivot, so that none is chosen twice. */
  const apart = new Float64Array(items.length).fill(sums ? 0 : Number.POSITIVE_INFINITY)
  const pivots: Item<T>[] = []
  let next = 0
  while (pivots.length < wanted) {
    next = drawn?.[pivots.length] ?? next
    const pivot = items[next]!
    apart[next] = -1
    let farthest = next
    for (let i = 0; i < items.length; i++) {
      const distance = between(pivot, items[i]!)
      rows[i]![pivots.length] = distance
      if (apart[i] === -1) continue
      apart[i] = sums ? apart[i]! + distance : Math.min(apart[i]!, distance)
      if (apart[i]! > apart[farthest]!) farthest = i
    }
    pivots.push(pivot)
    next = farthest
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
