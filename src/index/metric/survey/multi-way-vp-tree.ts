import { byDistance, evenly } from './groups.ts'
import type { PartStructure } from './grower.ts'

/** Items among which a vantage point is chosen: the one that is farthest from a first one. */
const SAMPLE = 32

/** VP-tree of several equal shells about each vantage point (Yianilos 1993; Bozkaya and Ozsoyoglu, SIGMOD 1997). */
export function multiWayVpTree(ways = 4, leafCapacity = 8): PartStructure {
  const structure: PartStructure = {
    name: 'multi-way-vp-tree',
    settings: { ways, leafCapacity },
    paths: Number.POSITIVE_INFINITY,
    grow(entries, grower) {
      if (entries.length <= leafCapacity) return grower.leaf(entries)
      const centres = grower.pivots(entries, 2, SAMPLE).slice(1)
      grower.take(entries, centres)
      const rows = grower.measure(centres, entries)
      const groups = evenly(byDistance(rows, 0), ways)
      return grower.part({ centres }, entries, rows, groups, (members) =>
        structure.grow(members, grower),
      )
    },
  }
  return structure
}
