import { byNearest } from './groups.ts'
import type { PartStructure } from './grower.ts'

/** Split points are chosen among this many items for each (Brin, section 4). */
const SAMPLE = 3

/**
 * Geometric near-neighbour access tree (Brin, Near neighbor search in large metric spaces, VLDB 1995): several split
 * points far from each other, each item with the nearest, and the range of distances from each split point to the
 * items of each other.
 */
export function gnat(splitPoints = 8, leafCapacity = 8): PartStructure {
  const structure: PartStructure = {
    name: 'gnat',
    settings: { splitPoints, leafCapacity },
    paths: 0,
    grow(entries, grower) {
      if (entries.length <= Math.max(leafCapacity, splitPoints)) return grower.leaf(entries)
      const centres = grower.pivots(entries, splitPoints, SAMPLE * splitPoints)
      grower.take(entries, centres)
      const rows = grower.measure(centres, entries)
      const groups = byNearest(rows, centres.length, 0)
      return grower.part({ centres, firstOwn: 0 }, entries, rows, groups, (members) =>
        structure.grow(members, grower),
      )
    },
  }
  return structure
}
