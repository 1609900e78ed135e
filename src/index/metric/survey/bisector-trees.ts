import type { Item } from '../search.ts'
import { byNearest } from './groups.ts'
import type { Grower, PartStructure } from './grower.ts'
import type { Entry, Part } from './part.ts'

/** Items among which the centres of a node are chosen, far from each other. */
const SAMPLE = 32

/** Generalised hyperplane tree (Uhlmann, 1991): two centres a node, and each item with the nearer. */
export function hyperplaneTree(leafCapacity = 8): PartStructure {
  const structure: PartStructure = {
    name: 'hyperplane-tree',
    settings: { leafCapacity },
    paths: 0,
    grow(entries, grower) {
      if (entries.length <= Math.max(leafCapacity, 2)) return grower.leaf(entries)
      const centres = grower.pivots(entries, 2, SAMPLE)
      grower.take(entries, centres)
      const rows = grower.measure(centres, entries)
      const groups = byNearest(rows, 2, 0)
      return grower.part({ centres, firstOwn: 0 }, entries, rows, groups, (members) =>
        structure.grow(members, grower),
      )
    },
  }
  return structure
}

/**
 * Monotonous bisector tree (Kalantari and McDonald, 1983; Noltemeier, Verbarg and Zirkelbach, 1992): two centres a
 * node, of which one is that of the node above, so that the covering radii never grow on the way down.
 */
export function bisectorTree(leafCapacity = 8): PartStructure {
  function below<T>(above: Item<T> | null, entries: Entry<T>[], grower: Grower<T>): Part<T> {
    if (entries.length <= Math.max(leafCapacity, 2)) return grower.leaf(entries)
    const first = above ?? grower.draw(entries, 1)[0]!.item
    if (above === null) grower.take(entries, [first])
    const second = farthest(first, grower.draw(entries, SAMPLE), grower)
    grower.take(entries, [second])
    const centres = [first, second]
    const rows = grower.measure(centres, entries)
    const guests = above === null ? 0 : 1
    const groups = byNearest(rows, 2, 0)
    return grower.part({ centres, guests, firstOwn: 0 }, entries, rows, groups, (members, i) =>
      below(centres[i]!, members, grower),
    )
  }
  return {
    name: 'bisector-tree',
    settings: { leafCapacity },
    paths: 0,
    grow: (entries, grower) => below(null, entries, grower),
  }
}

function farthest<T>(from: Item<T>, sample: readonly Entry<T>[], grower: Grower<T>): Item<T> {
  let best = sample[0]!.item
  let greatest = -1
  for (const { item } of sample) {
    const distance = grower.between(from, item)
    if (distance <= greatest) continue
    best = item
    greatest = distance
  }
  return best
}
