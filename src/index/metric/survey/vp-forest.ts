import { byDistance } from './groups.ts'
import type { Grower, PartStructure } from './grower.ts'
import type { Child, Entry, Part } from './part.ts'

/** Items among which a vantage point is chosen: the one that is farthest from a first one. */
const SAMPLE = 32

/**
 * Excluded-middle vantage-point forest (Yianilos, 1999): what lies in the middle of the distances from a vantage
 * point, where a search would have to visit both sides, is left to the next tree.
 *
 * @param middle the percentage of a node's items that is left to the next tree.
 */
export function vpForest(middle = 20, leafCapacity = 8): PartStructure {
  function tree<T>(entries: Entry<T>[], excluded: Entry<T>[], grower: Grower<T>): Part<T> {
    if (entries.length <= leafCapacity) return grower.leaf(entries)
    const centres = grower.pivots(entries, 2, SAMPLE).slice(1)
    grower.take(entries, centres)
    const rows = grower.measure(centres, entries)
    const order = byDistance(rows, 0)
    const side = Math.ceil((order.length * (100 - middle)) / 200)
    const far = Math.max(side, order.length - side)
    for (const i of order.slice(side, far)) excluded.push({ item: entries[i]!.item, path: [] })
    const groups = [{ members: order.slice(0, side) }, { members: order.slice(far) }]
    return grower.part({ centres }, entries, rows, groups, (members) =>
      tree(members, excluded, grower),
    )
  }
  return {
    name: 'vp-forest',
    settings: { middle, leafCapacity },
    paths: Number.POSITIVE_INFINITY,
    grow<T>(entries: Entry<T>[], grower: Grower<T>) {
      const children: Child<T>[] = []
      const none = new Float64Array(0)
      for (let left = entries; left.length > 0; ) {
        const excluded: Entry<T>[] = []
        const part = tree(left, excluded, grower)
        children.push({ part, rings: 'all', low: none, high: none })
        left = excluded
      }
      return { centres: [], guests: 0, firstOwn: null, children, entries: [] }
    },
  }
}
